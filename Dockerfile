# The image of either tier: Node, the packages, the sources, and no shell. Nothing in it can be written by the user that runs it, and
# process 1 is Node itself, with the options that bin/weir gives it.
#
# Bases are pinned by digest where it matters, which is the pipeline: docs/operations.md, "Building the image".
#   --build-arg NODE_IMAGE=node:26-bookworm-slim@sha256:... --build-arg RUNTIME_IMAGE=gcr.io/distroless/cc-debian12@sha256:...
ARG NODE_IMAGE=node:26-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12

FROM ${NODE_IMAGE} AS packages
WORKDIR /opt/weir
COPY package.json package-lock.json .npmrc ./
COPY scripts/sbom.ts scripts/
# Node is the base's own, so npm's optional Node packages stay out.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
    && node scripts/sbom.ts > sbom.cdx.json

# What the final base lacks, by the paths that it has there: Node, libatomic, which Node 26 is linked against, and `weir` for those
# who are inside (`kubectl exec`, HEALTHCHECK).
FROM ${NODE_IMAGE} AS runtime
RUN ldconfig -p | grep -q 'libatomic\.so\.1' \
    || (apt-get update && apt-get install -y --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*)
RUN atomic=$(ldconfig -p | awk '/libatomic\.so\.1 / { print $NF; exit }') \
    && mkdir -p "/root-of-image/usr$(dirname "${atomic#/usr}")" /root-of-image/usr/local/bin \
    && cp --dereference "$atomic" "/root-of-image/usr${atomic#/usr}" \
    && cp --dereference "$(command -v node)" /root-of-image/usr/local/bin/node \
    && printf '%s\n' '#!/usr/local/bin/node' 'import "/opt/weir/src/main.ts";' > /root-of-image/usr/local/bin/weir \
    && chmod 755 /root-of-image/usr/local/bin/weir

# What V8 makes of the sources, so that a start does not make it again: it counts for this Node, these options and this user.
FROM ${NODE_IMAGE} AS compiled
WORKDIR /opt/weir
COPY --from=runtime /root-of-image/ /
COPY --from=packages /opt/weir/node_modules ./node_modules
COPY package.json ./
COPY src ./src
USER 65532:65532
ENV NODE_COMPILE_CACHE=/tmp/compiled
RUN echo '{ name: t, listeners: [{ name: t, address: "127.0.0.1:0" }], admin: { address: "127.0.0.1:0" }, access: [{ name: t, deny: [all] }], \
      peers: { p: { address: "192.0.2.1:1" } }, routes: [{ name: t, peers: [p] }] }' > /tmp/weir.yaml \
    && { node --disable-warning=ExperimentalWarning --no-allocation-site-pretenuring src/main.ts run -c /tmp/weir.yaml > /tmp/log 2>&1 & } \
    && while ! grep -q '"Serving"' /tmp/log; do kill -0 $!; sleep 0.1; done \
    && kill $! && wait $!

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Weir" \
      org.opencontainers.image.description="A forward proxy for a company's outgoing traffic" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      weir.sbom="/opt/weir/sbom.cdx.json"
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/opt/weir/compiled
WORKDIR /opt/weir
COPY --from=runtime /root-of-image/ /
COPY --from=packages /opt/weir/node_modules ./node_modules
COPY --from=packages /opt/weir/sbom.cdx.json ./
COPY package.json ./
COPY src ./src
COPY examples ./examples
COPY --from=compiled /tmp/compiled ./compiled

# Numeric, so that Kubernetes can see that it is not root.
USER 65532:65532
# 3128 serves clients; 9128 answers /healthz, /readyz and /metrics, and is nobody's way out.
EXPOSE 3128 9128
# TERM starts the drain; a second TERM ends it.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["/usr/local/bin/weir", "health"]
ENTRYPOINT ["/usr/local/bin/node", "--disable-warning=ExperimentalWarning", "--no-allocation-site-pretenuring", "/opt/weir/src/main.ts"]
CMD ["run", "-c", "/etc/weir/weir.yaml"]
