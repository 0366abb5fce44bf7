//! Points in time as the API reads and writes them; inside, they are seconds since 1970 UTC.

use serde_json::Value;
use time::{Date, Month, OffsetDateTime};

/// The years 1 to 9999, which four digits can write.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// Julian day of 1970-01-01.
const UNIX_DAY: i32 = 2_440_588;

/// Reads a date-time of a body: text as [`parse`] takes it, or a Unix time in seconds.
pub(crate) fn read(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => parse(text),
        Value::Number(number) => {
            let whole = number.as_i64().or_else(|| number.as_f64().map(|f| f.floor() as i64));
            whole.filter(|seconds| RANGE.contains(seconds))
        }
        _ => None,
    }
}

/// Reads a date-time of a query: as in a body, where all is text.
pub(crate) fn read_text(text: &str) -> Option<i64> {
    let unix: Option<i64> = text.parse().ok();
    parse(text).or(unix.filter(|seconds| RANGE.contains(seconds)))
}

/// Reads RFC 3339, or a bare date as its midnight UTC.
///
/// A second of 60 is the next one: the documents' own example (`23:59:60Z`) has it. Fractions of
/// a second are cut off.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let year = i32::try_from(digits(bytes, 0, 4)?).ok()?;
    let month = Month::try_from(u8::try_from(digits(bytes, 5, 2)?).ok()?).ok()?;
    let day = u8::try_from(digits(bytes, 8, 2)?).ok()?;
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let date = Date::from_calendar_date(year, month, day).ok()?;
    let midnight = i64::from(date.to_julian_day() - UNIX_DAY) * 86_400;
    let seconds = match bytes.len() {
        10 => midnight,
        _ => midnight + time_of_day(&bytes[10..])?,
    };
    Some(seconds).filter(|seconds| RANGE.contains(seconds))
}

/// Seconds since midnight UTC of what follows the date.
fn time_of_day(bytes: &[u8]) -> Option<i64> {
    let (hour, minute, second) = (digits(bytes, 1, 2)?, digits(bytes, 4, 2)?, digits(bytes, 7, 2)?);
    let signs = [bytes[0].to_ascii_uppercase(), bytes[3], bytes[6]];
    if !matches!(signs, [b'T' | b' ', b':', b':']) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = &bytes[9..];
    if let [b'.', fraction @ ..] = rest {
        let count = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        rest = fraction.get(count..).filter(|_| count > 0)?;
    }
    Some(hour * 3600 + minute * 60 + second - offset(rest)?)
}

/// Seconds east of UTC.
fn offset(bytes: &[u8]) -> Option<i64> {
    let sign = match bytes {
        [b'Z' | b'z'] => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let (hours, minutes) = (digits(bytes, 1, 2)?, digits(bytes, 4, 2)?);
    let legal = bytes.len() == 6 && bytes[3] == b':' && hours <= 23 && minutes <= 59;
    legal.then_some(sign * (hours * 3600 + minutes * 60))
}

/// The number written with exactly `count` digits at `at`.
fn digits(bytes: &[u8], at: usize, count: usize) -> Option<i64> {
    let digits = bytes.get(at..at + count)?;
    digits
        .iter()
        .try_fold(0, |number, b| b.is_ascii_digit().then(|| number * 10 + i64::from(b - b'0')))
}

/// Writes seconds since 1970 as `YYYY-MM-DDTHH:MM:SSZ`.
pub(crate) fn write(epoch_s: i64) -> String {
    let bounded = epoch_s.clamp(*RANGE.start(), *RANGE.end());
    let at = OffsetDateTime::from_unix_timestamp(bounded).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, time) = (at.date(), at.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Writes milliseconds since 1970 in the same way.
pub(crate) fn write_ms(epoch_ms: i64) -> String {
    write(epoch_ms.div_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_accepted_spelling_means_one_second() {
        let table = [
            (json!("2022-01-01"), "2022-01-01T00:00:00Z"),
            (json!("2022-01-01T23:59:60Z"), "2022-01-02T00:00:00Z"),
            (json!("2022-01-01T10:00:60Z"), "2022-01-01T10:01:00Z"),
            (json!("2022-01-01T10:00:00.999Z"), "2022-01-01T10:00:00Z"),
            (json!("2022-01-01t10:00:00z"), "2022-01-01T10:00:00Z"),
            (json!("2022-01-01 10:00:00+02:00"), "2022-01-01T08:00:00Z"),
            (json!("2022-01-01T10:00:00.1234567891-03:30"), "2022-01-01T13:30:00Z"),
            (json!("2024-02-29"), "2024-02-29T00:00:00Z"),
            (json!("9999-12-31T23:59:59Z"), "9999-12-31T23:59:59Z"),
            (json!("0001-01-01"), "0001-01-01T00:00:00Z"),
            (json!(0), "1970-01-01T00:00:00Z"),
            (json!(1_700_000_000), "2023-11-14T22:13:20Z"),
            (json!(1_700_000_000.9), "2023-11-14T22:13:20Z"),
            (json!(-1.5), "1969-12-31T23:59:58Z"),
        ];
        for (input, output) in table {
            assert_eq!(read(&input).map(write).as_deref(), Some(output), "{input}");
        }
        assert_eq!(read_text("1700000000"), Some(1_700_000_000));
        assert_eq!(read_text("2022-01-01"), read(&json!("2022-01-01")));
        assert_eq!(write_ms(-1), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn what_is_no_date_time_is_none() {
        let texts = [
            "",
            "now",
            "2022",
            "2022-1-1",
            "2022-13-01",
            "2022-02-30",
            "2023-02-29",
            "2022-01-01T",
            "2022-01-01T10:00Z",
            "2022-01-01T10:00:00",
            "2022-01-01T24:00:00Z",
            "2022-01-01T10:60:00Z",
            "2022-01-01T10:00:61Z",
            "2022-01-01T10:00:00.Z",
            "2022-01-01T10:00:00+2:00",
            "2022-01-01T10:00:00+02:60",
            "2022-01-01T10:00:00+0200",
            "2022-01-01T10:00:00Zz",
            "2022-01-01T10-00-00Z",
            "2022/01/01",
            "+022-01-01",
            "9999-12-31T23:59:60Z",
            "0001-01-01T00:00:00+00:01",
            "0000-01-01",
            "２０２２-01-01",
            "1700000000",
        ];
        for text in texts {
            assert_eq!(read(&json!(text)), None, "{text}");
        }
        for value in [json!(true), json!([]), json!(1.0e300), json!(1_700_000_000_000_i64)] {
            assert_eq!(read(&value), None, "{value}");
        }
    }
}
