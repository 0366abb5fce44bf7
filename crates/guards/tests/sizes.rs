//! Files somebody can hold in their head.

/// Lines of the longest file; 100 to 300 are usual.
const LINES: usize = 450;

#[test]
fn no_file_is_longer_than_somebody_can_hold_in_their_head() {
    let long: Vec<_> = rotunda_guards::sources()
        .into_iter()
        .map(|path| (std::fs::read_to_string(&path).map_or(0, |text| text.lines().count()), path))
        .filter(|(lines, _)| *lines > LINES)
        .collect();
    assert!(long.is_empty(), "split these by subject: {long:#?}");
}
