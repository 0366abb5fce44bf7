//! What a child may, as words on the command line of the program that becomes it.

use crate::Fence;
use std::ffi::OsString;

/// Ends the words; what follows is the program.
const RUN: &str = "run";

impl Fence {
    /// All of it, for [`Fence::read`].
    pub(crate) fn words(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = Vec::new();
        let mut put = |name: &str, value: OsString| words.extend([name.into(), value]);
        put("memory", self.memory.to_string().into());
        put("nice", self.nice.to_string().into());
        if let Some(port) = self.port {
            put("port", port.to_string().into());
        }
        if let Some(path) = &self.reads {
            put("reads", path.into());
        }
        if let Some((path, most)) = &self.writes {
            put("writes", path.into());
            put("most", most.to_string().into());
        }
        if let Some(path) = &self.hands {
            put("hands", path.into());
        }
        words.push(RUN.into());
        words
    }

    /// Reads the words up to the program; none if they are not ours.
    pub(crate) fn read(words: &mut impl Iterator<Item = OsString>) -> Option<Self> {
        let mut fence = Self::default();
        loop {
            let name = words.next()?;
            if name == RUN {
                return (fence.memory > 0).then_some(fence);
            }
            let value = words.next()?;
            let number = || value.to_str()?.parse::<u64>().ok();
            match name.to_str()? {
                "memory" => fence.memory = number()?,
                "nice" => fence.nice = number()?.try_into().ok()?,
                "port" => fence.port = Some(number()?.try_into().ok()?),
                "reads" => fence.reads = Some(value.into()),
                "writes" => fence.writes = Some((value.into(), 0)),
                "most" => fence.writes.as_mut()?.1 = number()?,
                "hands" => fence.hands = Some(value.into()),
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: Vec<OsString>) -> Option<(Fence, Vec<OsString>)> {
        let mut words = words.into_iter();
        Some((Fence::read(&mut words)?, words.collect()))
    }

    #[test]
    fn what_a_child_may_comes_back_from_its_words_whatever_its_files_are_called() {
        let unlimited = Fence { memory: 1, ..Fence::default() };
        let all = Fence {
            memory: 1 << 30,
            nice: 5,
            port: Some(1935),
            reads: Some("run".into()),
            writes: Some(("port".into(), 9)),
            hands: Some("/proc/7/fd/9".into()),
        };
        for fence in [unlimited, all] {
            let words = [fence.words(), vec!["ffmpeg".into(), "-i".into()]].concat();
            let (same, rest) = read(words).unwrap();
            assert_eq!((same, rest), (fence, vec!["ffmpeg".into(), "-i".into()]));
        }
    }

    #[test]
    fn words_that_are_not_ours_are_none() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        for text in
            ["", "run ls", "1000 80 ls", "memory x run ls", "memory 1 most 5 run ls", "memory 1"]
        {
            assert!(read(words(text)).is_none(), "{text}");
        }
    }
}
