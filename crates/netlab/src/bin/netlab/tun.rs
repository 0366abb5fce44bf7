//! A TUN device in a network namespace: what the kernel routes into it is read here, and what is written
//! here is as if it had arrived there. Holds the one block of `unsafe` outside the codec crate, for the
//! call that makes a descriptor a device has no safe form.

use rustix::fs::{Mode, OFlags, open};
use rustix::io::{Errno, read, write};
use rustix::ioctl::{Opcode, Updater, ioctl, opcode};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

/// The name of both devices, each in its namespace.
const NAME: &str = "netlab";
/// `TUNSETIFF` of linux/if_tun.h, whose number says "int" though it takes a `struct ifreq`.
const SET_DEVICE: Opcode = opcode::write::<i32>(b'T', 202);
/// `IFF_TUN | IFF_NO_PI`: IP packets, and nothing before them.
const PLAIN_IP: u16 = 0x0001 | 0x1000;
/// Size of a `struct ifreq`, and where its flags stand behind the name.
const REQUEST: usize = 40;
const FLAGS: usize = 16;

/// One end of the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    namespace: String,
    address: String,
}

impl FromStr for End {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (namespace, address) =
            text.split_once(',').ok_or("write it as NAMESPACE,ADDRESS/LENGTH")?;
        Ok(Self { namespace: namespace.to_owned(), address: address.to_owned() })
    }
}

/// Why there is no device.
#[derive(Debug, thiserror::Error)]
pub enum TunError {
    #[error("{0}: {1}; this needs root, iproute2 and /dev/net/tun")]
    System(PathBuf, std::io::Error),
    #[error("the kernel gives no TUN device: {0}; this needs root")]
    Device(Errno),
    #[error("ip {0}: {1}")]
    Command(String, std::process::ExitStatus),
}

/// A device that is up.
pub struct Tun(OwnedFd);

impl Tun {
    /// Makes the namespace if it is not there, and the device in it. This thread is in that namespace
    /// afterwards.
    pub fn open(end: &End) -> Result<Self, TunError> {
        enter(&end.namespace)?;
        let path = Path::new("/dev/net/tun");
        let opened = open(path, OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty());
        let device = opened.map_err(|error| TunError::System(path.to_owned(), error.into()))?;
        attach(&device)?;
        ip(&["link", "set", "lo", "up"])?;
        ip(&["address", "add", &end.address, "dev", NAME])?;
        ip(&["link", "set", NAME, "mtu", "1500", "txqueuelen", "2000", "up"])?;
        Ok(Self(device))
    }

    /// The length of the next packet, which then stands at the beginning of `buffer`; none when there
    /// is none.
    pub fn read(&self, buffer: &mut [u8]) -> Option<usize> {
        read(&self.0, buffer).ok().filter(|length| *length > 0)
    }

    /// Hands a packet to the kernel. One that it has no room for is a lost one.
    pub fn write(&self, packet: &[u8]) {
        let _ = write(&self.0, packet);
    }
}

impl AsFd for Tun {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Moves this thread into a namespace, which is made if it is not there.
fn enter(namespace: &str) -> Result<(), TunError> {
    let path = Path::new("/run/netns").join(namespace);
    if !path.exists() {
        ip(&["netns", "add", namespace])?;
    }
    let system = |error| TunError::System(path.clone(), error);
    let file = File::open(&path).map_err(system)?;
    let moved = move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network));
    moved.map_err(|error| system(error.into()))
}

/// Makes the descriptor a device of this namespace.
fn attach(device: &OwnedFd) -> Result<(), TunError> {
    let mut request = [0u8; REQUEST];
    request[..NAME.len()].copy_from_slice(NAME.as_bytes());
    request[FLAGS..FLAGS + 2].copy_from_slice(&PLAIN_IP.to_ne_bytes());
    // SAFETY: TUNSETIFF reads and writes one `struct ifreq`, and `request`, which lives longer than the
    // call, has its size; the kernel copies it byte by byte, and any bytes are a valid array.
    #[allow(unsafe_code, reason = "the call has no safe form")]
    let done = unsafe { ioctl(device, Updater::<SET_DEVICE, _>::new(&mut request)) };
    done.map_err(TunError::Device)
}

fn ip(arguments: &[&str]) -> Result<(), TunError> {
    let status = Command::new("ip").args(arguments).status();
    let status = status.map_err(|error| TunError::System("ip".into(), error))?;
    if status.success() { Ok(()) } else { Err(TunError::Command(arguments.join(" "), status)) }
}
