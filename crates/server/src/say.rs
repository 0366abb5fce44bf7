//! What this program says on its standard streams. `println!` panics when nobody reads any more, as
//! after `| head -1`, or when the disk is full that a stream leads to.

use crate::error::RunError;
use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

/// Answers on the standard output with a line. Whoever stopped reading wants no more of it, which is
/// no fault.
///
/// # Errors
/// It cannot be written for another reason.
pub(crate) fn answer(line: Arguments<'_>) -> Result<(), RunError> {
    match written(std::io::stdout().lock(), line) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(RunError::File("standard output".into(), error))
        }
        _ => Ok(()),
    }
}

/// Says a line beside the answer, on the standard error output; if nobody reads it, there is nobody to
/// tell.
pub fn aside(line: Arguments<'_>) {
    let _ = written(std::io::stderr().lock(), line);
}

fn written(mut stream: impl Write, line: Arguments<'_>) -> std::io::Result<()> {
    writeln!(stream, "{line}").and_then(|()| stream.flush())
}
