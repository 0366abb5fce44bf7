//! `rotunda`: see `rotunda --help`.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "they panic when nobody reads")]

use clap::Parser;
use rotunda_server::cli::{Cli, Verb};
use rotunda_server::say::aside;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    // Not a verb for people: a child of ours on its way to be another program.
    if arguments.next().is_some_and(|verb| verb == rotunda_fence::VERB) {
        aside(format_args!("rotunda: {}", rotunda_fence::Fence::enter(arguments)));
        return ExitCode::FAILURE;
    }
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            aside(format_args!("rotunda: no runtime: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match cli.verb {
            Verb::Dev(flags) => rotunda_server::run(flags, true).await,
            Verb::Serve(flags) => rotunda_server::run(flags, false).await,
            Verb::Config(verb) => rotunda_server::admin::config(verb),
            Verb::Project(verb) => rotunda_server::admin::project(verb).await,
            Verb::User(verb) => rotunda_server::admin::user(verb).await,
            Verb::Admin(verb) => rotunda_server::operators::admin(verb).await,
            Verb::Push(verb) => rotunda_server::push::push(verb).await,
            Verb::Webhook(verb) => rotunda_server::webhook::webhook(verb).await,
            Verb::Agent(verb) => rotunda_server::livechat::agent(verb).await,
            Verb::Livechat(verb) => rotunda_server::livechat::livechat(verb).await,
            Verb::ApiToken(verb) => rotunda_server::admin::api_token(verb).await,
        }
    });
    // Whatever still runs on a thread of its own must not keep the process.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            aside(format_args!("rotunda: {}", with_causes(&error)));
            ExitCode::FAILURE
        }
    }
}

/// An error and what caused it, down to the first cause; what an error says of its own cause is not
/// said twice.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    for cause in std::iter::successors(error.source(), |cause| cause.source()) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text += &format!(": {cause}");
        }
    }
    text
}
