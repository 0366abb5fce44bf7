//! Text to JSON-RPC and no further: what a frame is, not what it asks.

use crate::error::{NO_JSON, NO_REQUEST, Response};
use serde_json::{Map, Value};

/// Longest request id that is given back.
const ID_CHARS: usize = 256;
/// Most values in one frame: the largest request seats 300 people; a quarter of a megabyte of
/// `1,` takes 13 ms to parse.
const VALUES_MAX: usize = 10_000;

/// One well-formed frame.
#[derive(Debug)]
pub enum Frame {
    /// Something asked of us.
    Request(Request),
    /// An answer to something we asked, named by its id.
    Response(Value),
}

/// Something asked of us.
#[derive(Debug)]
pub struct Request {
    /// A string or a number, to be given back.
    pub id: Value,
    /// What is asked.
    pub method: String,
    /// With what; empty when absent.
    pub params: Value,
    /// Bytes of the frame it came in.
    pub bytes: usize,
}

/// A frame that is none, with the id to complain under (null when it has none that is usable).
#[derive(Debug)]
pub struct Malformed {
    /// Id of the complaint.
    pub id: Value,
    /// The complaint.
    pub response: Response,
}

/// Reads one frame.
///
/// # Errors
/// [`Malformed`] for anything but one JSON-RPC 2.0 request or response of at most `depth_max`
/// levels.
pub fn read(text: &str, depth_max: usize) -> Result<Frame, Box<Malformed>> {
    let complain = |id, code, message: &str| {
        Box::new(Malformed { id, response: Response::error(code, message) })
    };
    if let Some(message) = excess(text, depth_max) {
        return Err(complain(Value::Null, NO_REQUEST, &message));
    }
    let value: Value = serde_json::from_str(text)
        .map_err(|e| complain(Value::Null, NO_JSON, &format!("This is not JSON: {e}")))?;
    let mut object = match value {
        Value::Object(object) => object,
        Value::Array(_) => {
            let message = "Batches are not accepted: send one request per frame";
            return Err(complain(Value::Null, NO_REQUEST, message));
        }
        _ => return Err(complain(Value::Null, NO_REQUEST, "A frame must be a JSON object")),
    };
    let id = object.remove("id").unwrap_or(Value::Null);
    let Some(method) = object.remove("method") else { return response(id, &object) };
    if !is_id(&id) {
        let message = format!("id must be a number or a string of at most {ID_CHARS} characters");
        return Err(complain(Value::Null, NO_REQUEST, &message));
    }
    if object.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Err(complain(id, NO_REQUEST, "jsonrpc must be \"2.0\""));
    }
    let Value::String(method) = method else {
        return Err(complain(id, NO_REQUEST, "method must be a string"));
    };
    let params = object.remove("params").unwrap_or_else(|| Map::new().into());
    Ok(Frame::Request(Request { id, method, params, bytes: text.len() }))
}

fn response(id: Value, object: &Map<String, Value>) -> Result<Frame, Box<Malformed>> {
    if object.contains_key("result") || object.contains_key("error") {
        return Ok(Frame::Response(id));
    }
    let id = if is_id(&id) { id } else { Value::Null };
    let message = "A frame needs a method, or a result or an error when it is an answer";
    Err(Box::new(Malformed { id, response: Response::error(NO_REQUEST, message) }))
}

fn is_id(id: &Value) -> bool {
    match id {
        Value::String(text) => text.chars().count() <= ID_CHARS,
        Value::Number(_) => true,
        _ => false,
    }
}

/// What is too much about the text; counted before parsing, so that no parser recurses or allocates
/// for a stranger. Signs in strings do not count.
fn excess(text: &str, depth_max: usize) -> Option<String> {
    let (mut depth, mut values, mut quoted, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in text.bytes() {
        if escaped {
            escaped = false;
            continue;
        }
        match byte {
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => (depth, values) = (depth + 1, values + 1),
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            b',' if !quoted => values += 1,
            _ => {}
        }
        if depth > depth_max {
            return Some(format!("The JSON is nested deeper than {depth_max} levels"));
        }
        if values > VALUES_MAX {
            return Some(format!("The JSON holds more than {VALUES_MAX} values"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(text: &str) -> Option<i32> {
        match read(text, 64).err()?.response {
            Response::Error { code, .. } => Some(code),
            Response::Result(_) => None,
        }
    }

    #[test]
    fn a_frame_that_is_no_request_is_refused_with_its_number() {
        let rows = [
            ("", NO_JSON),
            ("{", NO_JSON),
            ("{\"jsonrpc\":\"2.0\",\"id\":\"\u{1}\"}", NO_JSON),
            ("7", NO_REQUEST),
            ("[]", NO_REQUEST),
            (r#"[{"jsonrpc":"2.0","id":"1","method":"x"}]"#, NO_REQUEST),
            ("{}", NO_REQUEST),
            (r#"{"jsonrpc":"2.0","method":"x"}"#, NO_REQUEST),
            (r#"{"jsonrpc":"2.0","id":null,"method":"x"}"#, NO_REQUEST),
            (r#"{"jsonrpc":"2.0","id":[1],"method":"x"}"#, NO_REQUEST),
            (r#"{"jsonrpc":"1.0","id":"1","method":"x"}"#, NO_REQUEST),
            (r#"{"id":"1","method":"x"}"#, NO_REQUEST),
            (r#"{"jsonrpc":"2.0","id":"1","method":7}"#, NO_REQUEST),
        ];
        for (text, code) in rows {
            assert_eq!(code_of(text), Some(code), "{text}");
        }
    }

    #[test]
    fn the_sixty_fourth_level_is_read_and_the_sixty_fifth_is_not() {
        let nested = |levels: usize| {
            let inner = levels - 1;
            let (open, close) = ("[".repeat(inner), "]".repeat(inner));
            format!(r#"{{"jsonrpc":"2.0","id":"1","method":"x","params":{open}{close}}}"#)
        };
        assert!(matches!(read(&nested(64), 64), Ok(Frame::Request(_))));
        assert_eq!(code_of(&nested(65)), Some(NO_REQUEST));
        assert_eq!(code_of(&nested(10_000)), Some(NO_REQUEST));
    }

    #[test]
    fn a_frame_of_countless_values_is_refused() {
        let list = |n: usize| {
            format!(r#"{{"jsonrpc":"2.0","id":"1","method":"x","params":[{}1]}}"#, "1,".repeat(n))
        };
        assert!(matches!(read(&list(9_000), 64), Ok(Frame::Request(_))));
        assert_eq!(code_of(&list(100_000)), Some(NO_REQUEST));
    }

    #[test]
    fn brackets_in_strings_are_no_levels() {
        let text = format!(r#"{{"jsonrpc":"2.0","id":"1","method":"\"\\{}"}}"#, "[".repeat(100));
        assert!(matches!(read(&text, 64), Ok(Frame::Request(_))));
    }

    #[test]
    fn a_frame_without_a_method_is_an_answer() {
        assert!(
            matches!(read(r#"{"id":"e1","result":{}}"#, 64), Ok(Frame::Response(id)) if id == "e1")
        );
        assert!(matches!(read(r#"{"result":{}}"#, 64), Ok(Frame::Response(Value::Null))));
    }
}
