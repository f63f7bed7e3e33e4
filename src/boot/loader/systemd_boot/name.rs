//! The names of boot entries: the state of systemd's boot counting is in them (systemd.io/AUTOMATIC_BOOT_ASSESSMENT).

use std::fmt;

/// The name of an entry's file, its counter apart: `imp_2+0-1.efi`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryName {
    stem: String,
    /// `None` for an entry that is not counted: one that is good.
    pub counter: Option<Counter>,
    suffix: &'static str,
}

/// How often an entry may still be tried, and was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// None are left: the boot loader sorts it last, and starts it only when it is asked to.
    pub left: u32,
    /// The boot loader adds one before it hands over.
    pub done: u32,
}

impl EntryName {
    /// The name of a file that is a boot entry; `None` for other files.
    pub fn parse(file: &str) -> Option<Self> {
        let suffix = [".efi", ".conf"].into_iter().find(|suffix| {
            file.len() > suffix.len()
                && file
                    .get(file.len() - suffix.len()..)
                    .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
        })?;
        let whole = &file[..file.len() - suffix.len()];
        // The last '+' counts, if a counter and nothing else follows it.
        let counted = whole
            .rsplit_once('+')
            .and_then(|(stem, text)| Some((stem, Counter::parse(text)?)));
        let (stem, counter) = match counted {
            Some((stem, counter)) if !stem.is_empty() => (stem, Some(counter)),
            _ => (whole, None),
        };
        Some(Self {
            stem: stem.to_owned(),
            counter,
            suffix,
        })
    }

    /// The name without a counter: what the entry is called once it is good, and the image's name.
    pub fn image(&self) -> String {
        format!("{}{}", self.stem, self.suffix)
    }

    /// The same entry, counted so.
    pub fn counted(&self, counter: Option<Counter>) -> Self {
        Self {
            counter,
            ..self.clone()
        }
    }

    /// Another entry, named after this one.
    pub fn with_ending(&self, ending: &str) -> Self {
        Self {
            stem: format!("{}{ending}", self.stem),
            ..self.clone()
        }
    }

    /// Whether the entry is named after another one in this way.
    pub fn has_ending(&self, ending: &str) -> bool {
        self.stem.ends_with(ending)
    }

    /// Whether both are the same entry, whatever their counters. FAT and the boot loader do not tell the cases apart.
    pub fn is_same(&self, other: &Self) -> bool {
        self.image().eq_ignore_ascii_case(&other.image())
    }

    /// A pattern for `LoaderEntryOneShot` that is this entry with a counter or without one.
    ///
    /// Which of the two a boot loader calls an entry depends on more than its version (systemd#38813): 252
    /// keeps the counter in the id, later ones strip it. Patterns were always allowed.
    pub fn pattern(&self) -> String {
        format!("{}[.+][0{}]*", self.stem, &self.suffix[1..2])
    }
}

impl Counter {
    /// An entry that is only started when it is asked for: bad before it was ever tried.
    pub const ON_REQUEST: Self = Self { left: 0, done: 0 };
    /// The same entry when it was started.
    pub const REQUESTED_ONCE: Self = Self { left: 0, done: 1 };

    fn parse(text: &str) -> Option<Self> {
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse().ok().filter(|_| plain)
        };
        let (left, done) = text.split_once('-').unwrap_or((text, "0"));
        Some(Self {
            left: number(left)?,
            done: number(done)?,
        })
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stem)?;
        if let Some(Counter { left, done }) = self.counter {
            write!(f, "+{left}-{done}")?;
        }
        f.write_str(self.suffix)
    }
}
