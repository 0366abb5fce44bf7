//! A session on its way to an RTMP server: the child that speaks RTMP, and what keeps it fed.

mod child;
pub(crate) mod session;
