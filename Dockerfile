# syntax=docker/dockerfile:1

# The program alone, in an empty image: no shell, no package, nothing to update but
# itself. A test (cmd/summitbot/image_linux_test.go) puts the last stage together from
# this file and runs the program in it.
#
#   docker build --build-arg VERSION=$(git describe --always) -t summitbot .
#   docker run --rm summitbot ask "What is a red line for Putin?"
#
# compose.yaml beside this file runs it as a daemon.

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH VERSION=
# Neither the folder, nor the time, nor the state of the clone gets into the binary:
# the same source gives the same bytes. Time zones are part of it.
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags="-s -w -buildid= -X main.release=$VERSION" -o /out/summitbot ./cmd/summitbot \
    && mkdir /out/data

FROM scratch
ARG VERSION=
LABEL org.opencontainers.image.title="summitbot" \
      org.opencontainers.image.description="Answers from your documents, with the paragraph they came from" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION"

# To ask a model, Slack and Discord over TLS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY <<EOT /etc/passwd
nonroot:x:65532:65532::/data:/summitbot
EOT
# Where the journal and the documents are kept. To set more, mount a file over this
# one; "summitbot config init" writes one with everything in it.
COPY <<EOT /etc/summitbot/summitbot.yaml
data_dir: /data
EOT
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/summitbot /summitbot

ENV XDG_CONFIG_HOME=/etc
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/summitbot", "health"]
ENTRYPOINT ["/summitbot"]
CMD ["serve"]
