# The eight things one does here. Each is a script, so that it can be read and run without make.

.PHONY: help run test soak bench lab lint sdk web

help:
	@echo "make run    install what is missing, build, start the server in dev mode"
	@echo "make test   every test, ends with 'N passed, N failed'"
	@echo "make soak   the same tests with more seeds and for longer"
	@echo "make bench  the benchmarks"
	@echo "make lab    what people behind weak networks see and hear (as root)"
	@echo "make sdk    build the browser package of our own into sdk/dist"
	@echo "make web    build the page of a room into web/dist"
	@echo "make lint   format, clippy, the house rules (arrows, words, licences), scripts"

run:
	@bash scripts/run.sh $(ARGS)

test:
	@bash scripts/test.sh

soak:
	@bash scripts/soak.sh

bench:
	@bash scripts/bench.sh

lab:
	@bash scripts/lab.sh

lint:
	@bash scripts/lint.sh

sdk:
	@bash scripts/sdk.sh

web:
	@bash scripts/web.sh
