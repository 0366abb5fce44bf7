//! The load side of the benchmarks: one process that brings members, viewers or plain RTP to a
//! server, and reads what that server's process costs meanwhile. Each verb prints one JSON object
//! as its last line; what it means, and against which bar, is decided by the scripts in `bench/`.
//!
//! It knows our protocol only through `rotunda-client`, and Janus' HTTP interface, so that product
//! and peer meet the same client.

mod adaptive_camera;
mod crowd;
mod error;
mod full_room;
mod idle_rooms;
mod invite;
mod janus;
mod joining;
mod latency;
mod members;
mod meter;
mod quality;
mod rpc;
mod settings;
mod source;
mod viewer;

use clap::{Parser, Subcommand};
use error::LoadError;
use serde_json::Value;

#[derive(Parser)]
#[command(name = "rotunda-loadtest", about)]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Members of one room or many: clips, voices, or nothing; counts what they get.
    Members(members::Options),
    /// Viewers in RTP mode, as light as a viewer can be; of us or of Janus.
    Crowd(crowd::Options),
    /// Members of a Janus AudioBridge room.
    Bridge(crowd::BridgeOptions),
    /// Plain RTP in the shape of VP8, towards Janus.
    Source(source::Options),
    /// Viewers that join a running room one after the other.
    Joining(joining::Options),
    /// From a camera's picture in to the canvas that shows it out.
    Latency(latency::Options),
    /// Joins and leaves many rooms, then watches the server do nothing.
    Empty(idle_rooms::Options),
    /// Requests at a steady rate over an application's sockets.
    Rpc(rpc::Options),
    /// A full hall without media, and what a changed layout costs.
    Hall(full_room::Options),
    /// Sockets of the settings door: their memory, and what a setter costs.
    Settings(settings::Options),
    /// Likeness of each cell of a canvas to its source.
    Quality(quality::Options),
}

fn run(verb: Verb) -> Result<Value, LoadError> {
    match verb {
        Verb::Members(options) => blocking(members::run(options)),
        Verb::Crowd(options) => crowd::run(options),
        Verb::Bridge(options) => crowd::run_bridge(options),
        Verb::Source(options) => source::run(&options),
        Verb::Joining(options) => blocking(joining::run(options)),
        Verb::Latency(options) => blocking(latency::run(options)),
        Verb::Empty(options) => blocking(idle_rooms::run(options)),
        Verb::Rpc(options) => blocking(rpc::run(options)),
        Verb::Hall(options) => blocking(full_room::run(options)),
        Verb::Settings(options) => blocking(settings::run(options)),
        Verb::Quality(options) => quality::run(&options),
    }
}

fn blocking(task: impl Future<Output = Result<Value, LoadError>>) -> Result<Value, LoadError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(task)
}

fn main() -> std::process::ExitCode {
    match run(Args::parse().verb) {
        Ok(result) => {
            println!("{result}");
            std::process::ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("rotunda-loadtest: {fault}");
            std::process::ExitCode::FAILURE
        }
    }
}
