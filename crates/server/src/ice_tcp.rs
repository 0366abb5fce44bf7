//! ICE-TCP on the port of HTTP, for networks that let nothing out but 443: a frame of RFC 4571 with a STUN
//! binding request (RFC 8489) in it, handed to the network thread with the connection. It refuses to know
//! legs: whether the request names one is seen there.

use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Takes a connection and the frame that was read of it.
pub(crate) type HandOver = Arc<dyn Fn(std::net::TcpStream, Vec<u8>) + Send + Sync>;

/// The first frame comes whole in one packet; a lost one is sent again within seconds.
const WITHIN: Duration = Duration::from_secs(5);
/// Of a frame, without its length: a name of 513 bytes at most (RFC 8489 §14.3), and some forty for each of
/// the other attributes.
const LONGEST: u16 = 1023;
/// A frame's length, and a STUN message's type, length, cookie and transaction.
const HEAD: usize = 2 + 20;
const BINDING_REQUEST: [u8; 2] = [0, 1];
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// Whether a connection may be ICE-TCP by its first byte, with which neither HTTP nor TLS begins.
pub(crate) fn may_begin_with(first: u8) -> bool {
    u16::from(first) <= LONGEST >> 8
}

/// Reads the first frame and hands the connection over; one that begins otherwise, or does not come in
/// time, is closed.
pub(crate) async fn take(mut stream: TcpStream, hand_over: &HandOver) {
    if let Ok(Some(frame)) = timeout(WITHIN, first_frame(&mut stream)).await
        && let Ok(stream) = stream.into_std()
    {
        hand_over(stream, frame);
    }
}

/// The first frame with its length, if it is a binding request.
async fn first_frame(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut head = [0; HEAD];
    stream.read_exact(&mut head).await.ok()?;
    let mut frame = head.to_vec();
    frame.resize(2 + whole(&head)?, 0);
    stream.read_exact(frame.get_mut(HEAD..)?).await.ok()?;
    Some(frame)
}

/// Bytes of a binding request of which this is the head.
fn whole(head: &[u8; HEAD]) -> Option<usize> {
    let framed = u16::from_be_bytes([head[0], head[1]]);
    let length = u16::from_be_bytes([head[4], head[5]]);
    let is_stun =
        head[2..4] == BINDING_REQUEST && head[6..10] == COOKIE && length.is_multiple_of(4);
    let is_whole = length.checked_add(20) == Some(framed) && framed <= LONGEST;
    (is_stun && is_whole).then_some(framed.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A binding request with so many bytes of attributes, in a frame.
    fn request(attributes: u16) -> Vec<u8> {
        let mut frame = (attributes + 20).to_be_bytes().to_vec();
        frame.extend(BINDING_REQUEST);
        frame.extend(attributes.to_be_bytes());
        frame.extend(COOKIE);
        frame.extend([7; 12]);
        frame.extend(vec![9; attributes.into()]);
        frame
    }

    async fn read(bytes: &[u8]) -> Option<Vec<u8>> {
        first_frame(&mut &bytes[..]).await
    }

    #[tokio::test]
    async fn a_binding_request_is_taken_whole_and_nothing_behind_it() {
        for attributes in [0, 84, 1000] {
            let frame = request(attributes);
            assert!(may_begin_with(frame[0]));
            let more = [&frame[..], b"more"].concat();
            assert_eq!(read(&more).await, Some(frame));
        }
    }

    #[tokio::test]
    async fn whatever_else_begins_so_is_not() {
        let changed = |at: usize, to: u8| {
            let mut frame = request(84);
            frame[at] = to;
            frame
        };
        let cut = request(84)[..60].to_vec();
        for (frame, what) in [
            (cut, "half a request"),
            (changed(1, 105), "a frame longer than its message"),
            (changed(3, 17), "an indication"),
            (changed(2, 1), "an answer"),
            (changed(5, 83), "a message of a length that is none"),
            (changed(6, 0), "no cookie"),
            (request(1004), "longer than any"),
            (vec![0; 64], "nothing but zeros"),
        ] {
            assert_eq!(read(&frame).await, None, "{what}");
        }
    }

    #[test]
    fn neither_http_nor_tls_may_be_ice_tcp() {
        assert!(!may_begin_with(0x16) && (b'A'..=b'z').all(|letter| !may_begin_with(letter)));
        assert!(!may_begin_with(b'\r') && !may_begin_with(b'\n'));
    }
}
