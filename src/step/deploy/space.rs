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
        bytes_of(listing, "Decompressed Size:").map_or(Self::AtLeast(file), Self::Stream)
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

/// The largest window `zstd -d` takes memory for by itself: that of `--long=27`.
const WINDOW: u64 = 128 << 20;

/// Why zstd would not unpack a file, by what `zstd -lv FILE` says: a window that is too large; `None` where it would.
///
/// Of several frames zstd says the window of one; the others are found out while the file is received.
pub fn too_long_window(listing: &str) -> Option<String> {
    let window = bytes_of(listing, "Window Size:").filter(|window| *window > WINDOW)?;
    Some(format!(
        "is compressed with a window of {} MiB, and zstd unpacks up to {} MiB: compress it with --long=27 or less",
        mib(window),
        mib(WINDOW)
    ))
}

/// The number in brackets of a line like `Decompressed Size: 1.95 KiB (2000 B)`.
fn bytes_of(listing: &str, what: &str) -> Option<u64> {
    let line = listing.lines().find_map(|line| line.trim().strip_prefix(what))?;
    line.rsplit_once('(')?.1.strip_suffix(" B)")?.parse().ok()
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
    fn a_window_that_zstd_does_not_take_is_said() {
        let listing =
            |window: &str| format!("s.zst \nDictID: 0\nWindow Size: {window}\nCheck: XXH64 3aa1fe66\n");
        assert_eq!(too_long_window(&listing("128 MiB (134217728 B)")), None);
        assert_eq!(too_long_window("s.zst \n"), None);
        let said = too_long_window(&listing("256 MiB (268435456 B)")).unwrap_or_default();
        assert!(
            said.contains("a window of 256 MiB") && said.contains("--long=27"),
            "{said}"
        );
    }

    #[test]
    fn what_cannot_fit_is_said_with_both_numbers() {
        let problem = Need::Stream(3 << 20).problem(2 << 20);
        assert_eq!(problem.as_deref(), Some("the image needs 3 MiB, 2 MiB are free"));
        assert!(Need::AtLeast(3 << 20).problem(3 << 20).is_none());
        assert!(Need::AtLeast((3 << 20) + 1).problem(3 << 20).is_some());
    }
}
