# SPDX-License-Identifier: MIT
"""Every container command of README and the how-tos, as a pattern, and who runs it: a test of commands_test.py here, or
another test that does the same with more care, or the reason why none does."""

TRY = {
    r"docker compose -f docker/compose\.yaml up --build --wait": "test_1_to_try_it",
}
DEPLOYED = {
    r"docker run --rm -e BOURSE_SOURCE=synthetic -v \./my\.yaml:/my\.yaml:ro IMAGE check /my\.yaml": "test_a_configuration_is_checked",
    r"docker run --rm -v \./plugins:/usr/local/lib/bourse/plugins:ro IMAGE plugins": "test_plugins_are_listed",
    r"docker compose exec bourse-1 bourse probe": "test_a_source_is_probed",
    r"docker compose exec (-T )?nginx nginx -c /etc/nginx/bourse/nginx\.conf -s reload": "test_nginx_reloads",
    r"docker compose up -d --force-recreate --no-deps --wait bourse-1": "test_a_server_is_made_anew",
    r"docker compose up -d --no-deps nginx": "test_nginx_is_started_alone",
    r"docker compose up -d( --wait)?": "test_all_is_up",
    r"docker compose logs (nginx|bourse-1)": "test_there_are_logs",
    r"docker compose logs \| grep ID": "test_a_request_is_followed",
    r"docker compose ps": "test_what_runs_is_listed",
    r"docker run --rm --network bourse_inside curlimages/curl http://bourse-1:9090/metrics": "test_figures_are_read_from_inside",
    r"docker network connect bourse_inside CONTAINER": "test_another_container_joins",
    r"docker run --rm -it --pid container:bourse-bourse-1-1 --network container:bourse-bourse-1-1 debian:bookworm-slim":
        "test_a_shell_is_brought_along",
    r"docker compose down --volumes": "test_z_it_goes_with_what_it_remembers",
}
ELSEWHERE = {
    r"\./upgrade ghcr\.io/OWNER/bourse:0\.[12]\.0( --files ~/bourse/docker)?": "production_test.Upgrade",
    r"\./upgrade --rollback": "production_test.Upgrade",
    r"\./upgrade IMAGE --login USER": "upgrade_test: a registry with a login takes one that asks for it",
    r"docker login ghcr\.io": "GitHub's registry, with a token of somebody",
    r"docker build -f docker/Dockerfile -t bourse:local \.": "tests/docker/run builds the same",
    r"docker build -f docker/Dockerfile --provenance=false .*": "tests/docker/run --reproducible builds the same, without a day's snapshot",
    r"docker image prune --all --filter until=720h": "takes images of others from the machine of the test",
    r"docker compose pull nginx && docker compose up -d --wait nginx": "needs the registry of nginx; up is run",
    r"docker compose exec bourse-1 bourse task kept (backfill --symbols BTCUSDT --intervals 1m --start 2024-01-01|status)":
        "engine/history_test.py asks the same for a shorter time",
    r"docker compose exec (-T )?postgres (psql -U bourse|pg_dump -U bourse --format=custom --schema=bourse bourse >history\.dump)":
        "needs the registry of PostgreSQL; a test of the history's store has one of Debian's",
    r"docker buildx imagetools inspect IMAGE --format '\{\{json \.Provenance\}\}'": "of a published image: release.yml reads it so",
}
ALL = {**TRY, **DEPLOYED, **ELSEWHERE}
