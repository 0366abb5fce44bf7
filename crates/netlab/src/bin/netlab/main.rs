//! A weak network between two network namespaces, in user space: a TUN device in each, and this process
//! between them. `down` is from near to far, `up` from far to near. A datagram to the control socket is
//! one command, and its answer goes back to the sender (`control.rs`). Needs root.

mod carry;
mod control;
mod tun;

use clap::Parser;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use tun::{End, Tun};

#[derive(Parser)]
#[command(name = "netlab", about = "A weak network between two network namespaces")]
struct Args {
    /// The namespace of the server and its address there; it is made if it is not there.
    #[arg(long, value_name = "NAMESPACE,ADDRESS/LENGTH")]
    near: End,
    /// The namespace of the client behind the weak network, likewise.
    #[arg(long, value_name = "NAMESPACE,ADDRESS/LENGTH")]
    far: End,
    /// The Unix datagram socket that takes commands; it must not be there.
    #[arg(long)]
    control: PathBuf,
    /// Decides which packets are lost; the same seed and the same packets meet the same fate.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
enum LabError {
    #[error(transparent)]
    Tun(#[from] tun::TunError),
    #[error("{0}: {1}; remove it, or name another control socket")]
    Control(PathBuf, std::io::Error),
    #[error("the kernel no longer carries packets: {0}")]
    Carry(#[from] std::io::Error),
}

fn run(args: &Args) -> Result<(), LabError> {
    let bound = UnixDatagram::bind(&args.control);
    let control = bound.map_err(|error| LabError::Control(args.control.clone(), error))?;
    control.set_nonblocking(true)?;
    let tuns = [Tun::open(&args.near)?, Tun::open(&args.far)?];
    println!("ready");
    carry::carry(&tuns, &control, args.seed)?;
    Ok(())
}

fn main() -> std::process::ExitCode {
    match run(&Args::parse()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("netlab: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
