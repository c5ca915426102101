# The image of either tier: the single executable, the libraries that it needs, and no shell. Nothing in it can be written by the user
# that runs it, and process 1 is the executable itself.
#
# Bases are pinned by digest where it matters, which is the pipeline: docs/operations.md, "Building the image".
#   --build-arg NODE_IMAGE=node:26-bookworm-slim@sha256:... --build-arg RUNTIME_IMAGE=gcr.io/distroless/cc-debian12@sha256:...
ARG NODE_IMAGE=node:26-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12

# As `npm run build` does it anywhere: with the Node of the lock file, so that it is the same program (docs/adr/0018-one-file.md). The base's own runs npm.
FROM ${NODE_IMAGE} AS build
RUN ldconfig -p | grep -q 'libatomic\.so\.1' \
    || (apt-get update && apt-get install -y --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*)
WORKDIR /opt/weir
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY bin ./bin
COPY scripts ./scripts
COPY src ./src
ARG REVISION=unknown
RUN WEIR_COMMIT="$REVISION" npm run build
# What the final base lacks, by the paths that it has there: the executable, and libatomic, which Node 26 is linked against.
RUN atomic=$(ldconfig -p | awk '/libatomic\.so\.1 / { print $NF; exit }') \
    && mkdir -p "/root-of-image/usr$(dirname "${atomic#/usr}")" /root-of-image/usr/local/bin /root-of-image/opt/weir \
    && cp --dereference "$atomic" "/root-of-image/usr${atomic#/usr}" \
    && mv dist/weir /root-of-image/usr/local/bin/weir \
    && mv dist/sbom.cdx.json /root-of-image/opt/weir/

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Weir" \
      org.opencontainers.image.description="A forward proxy for a company's outgoing traffic" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      weir.sbom="/opt/weir/sbom.cdx.json"
WORKDIR /opt/weir
COPY --from=build /root-of-image/ /
COPY examples ./examples

# Numeric, so that Kubernetes can see that it is not root.
USER 65532:65532
# 3128 serves clients; 9128 answers /healthz, /readyz and /metrics, and is nobody's way out.
EXPOSE 3128 9128
# TERM starts the drain; a second TERM ends it.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["/usr/local/bin/weir", "health"]
ENTRYPOINT ["/usr/local/bin/weir"]
CMD ["run", "-c", "/etc/weir/weir.yaml"]
