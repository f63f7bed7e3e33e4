//! Whether an image fits, as far as its file says.

/// What a stream takes when it is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The file says it: bytes of the stream. On a pool that compresses it may be less.
    Stream(u64),
    /// The file was made from a pipe and does not say; it takes at least its own size.
    AtLeast(u64),
}

impl Need {
    /// What `zstd -lv FILE` says: the line `Decompressed Size: … (N B)`, absent where a frame does not say it.
    pub fn parse(listing: &str, file: u64) -> Self {
        let size = listing
            .lines()
            .find_map(|line| line.trim().strip_prefix("Decompressed Size:"))
            .and_then(|rest| rest.rsplit_once('(')?.1.strip_suffix(" B)")?.parse().ok());
        size.map_or(Self::AtLeast(file), Self::Stream)
    }

    /// Why it does not fit into the bytes that are free; `None` when it does, or nobody can know.
    pub fn problem(self, free: u64) -> Option<String> {
        let (needed, words) = match self {
            Self::Stream(needed) => (needed, "the image needs"),
            Self::AtLeast(needed) => (needed, "the image needs more than"),
        };
        (needed > free).then(|| format!("{words} {} MiB, {} MiB are free", mib(needed), mib(free)))
    }
}

/// Whole mebibytes, rounded up.
pub fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_says_its_size_is_believed() {
        let listing = "s.zst \n# Zstandard Frames: 1\nCompressed Size: 1014 B (1014 B)\nDecompressed Size: 1.95 KiB (2000 B)\nRatio: 0.9\n";
        assert_eq!(Need::parse(listing, 1014), Need::Stream(2000));
        let piped = "s.zst \nCompressed Size: 28.6 MiB (30000697 B)\nCheck: XXH64 94e0881d\n";
        assert_eq!(Need::parse(piped, 30_000_697), Need::AtLeast(30_000_697));
    }

    #[test]
    fn what_cannot_fit_is_said_with_both_numbers() {
        let problem = Need::Stream(3 << 20).problem(2 << 20);
        assert_eq!(problem.as_deref(), Some("the image needs 3 MiB, 2 MiB are free"));
        assert!(Need::AtLeast(3 << 20).problem(3 << 20).is_none());
        assert!(Need::AtLeast((3 << 20) + 1).problem(3 << 20).is_some());
    }
}
