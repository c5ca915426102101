# The image of either tier. Node is the base's own, so npm's optional Node packages stay out. Nothing in the image can be
# written by the user that runs it, and process 1 is Node itself: bin/weir replaces itself with it.
FROM node:26-bookworm-slim AS base
# Node 26 is linked against libatomic, which Debian's slim images leave out.
RUN ldconfig -p | grep -q 'libatomic\.so\.1' \
    || (apt-get update && apt-get install -y --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*)

FROM base AS packages
WORKDIR /opt/weir
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM base
LABEL org.opencontainers.image.title="Weir" \
      org.opencontainers.image.description="A forward proxy for a company's outgoing traffic"
ENV NODE_ENV=production
WORKDIR /opt/weir
COPY --from=packages /opt/weir/node_modules ./node_modules
COPY package.json ./
COPY bin ./bin
COPY src ./src
COPY examples ./examples
# The package managers were for the build.
RUN ln -s /opt/weir/bin/weir /usr/local/bin/weir \
    && rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
       /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*

# Numeric, so that Kubernetes can see that it is not root.
USER 65532:65532
# 3128 serves clients; 9128 answers /healthz, /readyz and /metrics, and is nobody's way out.
EXPOSE 3128 9128
# TERM starts the drain; a second TERM ends it.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s --retries=3 CMD ["weir", "health"]
ENTRYPOINT ["weir"]
CMD ["run", "-c", "/etc/weir/weir.yaml"]
