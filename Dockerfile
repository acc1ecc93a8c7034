# The image of deploy/: `docker build -t breakwater:VERSION .` It runs as nobody in particular, on a read-only root file system.
ARG NODE=node:24-bookworm-slim

FROM ${NODE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json README.md LICENSE CHANGELOG.md ./
COPY bin bin
COPY src src
RUN npm pack && tar -xzf breakwater-*.tgz

FROM ${NODE} AS install
WORKDIR /app
COPY --from=build /build/package ./
COPY package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM ${NODE}
ENV NODE_ENV=production
COPY --from=install /app /app
USER 65532:65532
# xDS, endpoint picker, health and metrics.
EXPOSE 18000 9002 8081
ENTRYPOINT ["node", "/app/bin/breakwater.js"]
CMD ["controller"]
