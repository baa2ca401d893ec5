# Two stages: wheels are put into a virtual environment, then only that environment is taken along.
# Both use the same Python, so that the environment's links hold.
FROM python:3.13.9-slim-trixie AS build
WORKDIR /src
RUN python -m venv /opt/kpi-proxy
COPY requirements/runtime.txt requirements/build.txt requirements/
RUN /opt/kpi-proxy/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/runtime.txt \
    && python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY proxy proxy
COPY config config
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /tmp/wheels . \
    && /opt/kpi-proxy/bin/pip install --no-cache-dir --no-deps /tmp/wheels/kpi_proxy-*.whl \
    && /opt/kpi-proxy/bin/pip uninstall --yes pip

FROM python:3.13.9-slim-trixie
# A number, not a name: Kubernetes' runAsNonRoot looks at nothing else.
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/kpi-proxy
COPY --from=build /opt/kpi-proxy /opt/kpi-proxy
# PYTHONDONTWRITEBYTECODE: the root file system may be read-only; only the state directory is written.
# The console stays on the container's loopback until its address and a token say otherwise.
ENV PATH=/opt/kpi-proxy/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    KPI_PROXY_STATE=/var/lib/kpi-proxy
USER 10001:10001
VOLUME /var/lib/kpi-proxy
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8081/healthz', timeout=2)"]
ENTRYPOINT ["kpi-proxy"]
CMD ["serve", "--listen", ":8080"]
