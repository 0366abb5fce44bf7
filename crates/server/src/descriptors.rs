//! How many files and sockets this process may open, and who gets how many of them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than this is asked for by nobody here.
const ENOUGH: u64 = 1 << 20;
/// ICE-TCP connections at most, however many descriptors there are.
const ICE_TCP: usize = 4096;

/// Who may hold how many descriptors. What is left, three eighths at least, is kept for the database,
/// recordings, children and connections outward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    /// Connections of all doors.
    pub doors: usize,
    /// ICE-TCP connections.
    pub ice_tcp: usize,
}

/// Raises the soft limit of open files to the hard one, and says so; gives the limit that is in force.
pub(crate) fn raise() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let before = current.unwrap_or(ENOUGH);
    let wanted = maximum.unwrap_or(ENOUGH).min(ENOUGH);
    let raised = Rlimit { current: Some(wanted), maximum };
    if before >= wanted || setrlimit(Resource::Nofile, raised).is_err() {
        tracing::info!(limit = before, "open files: the limit is as it was");
        return before;
    }
    tracing::info!(limit = wanted, before, "open files: the limit is raised");
    wanted
}

/// Who gets how many of `limit`, when `wanted` connections are to be taken.
pub(crate) fn shares(limit: u64, wanted: usize) -> Shares {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let shares = Shares { doors: wanted.min(limit / 2), ice_tcp: ICE_TCP.min(limit / 8) };
    if shares.doors < wanted {
        tracing::warn!(
            limit,
            connections = shares.doors,
            wanted,
            "open files are too few for server.max_connections: raise the hard limit (LimitNOFILE)"
        );
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_limit_is_something_is_left_for_the_database_and_recordings() {
        for limit in [256, 1024, 4096, 1 << 20] {
            let Shares { doors, ice_tcp } = shares(limit, 16_384);
            assert!((doors + ice_tcp) as u64 <= limit * 5 / 8, "{limit}");
        }
        assert_eq!(shares(1 << 20, 16_384), Shares { doors: 16_384, ice_tcp: ICE_TCP });
        assert_eq!(shares(1024, 16_384), Shares { doors: 512, ice_tcp: 128 });
    }
}
