//! The names of boot entries: the state of systemd's boot counting is in them (systemd.io/AUTOMATIC_BOOT_ASSESSMENT).

use std::fmt;

/// The name of an entry's file as it was found, `imp_2+0-1.efi` or `imp_2+3.efi`, and the counter in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryName {
    stem: String,
    counter: Option<Counter>,
    /// `+0-1`, as it is written: `+3` and `+3-0` say the same and are two names. Empty where nothing is counted.
    written: String,
    /// `.efi` or `.conf`, in the case it has.
    suffix: String,
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
        let length = [".efi", ".conf"].into_iter().find_map(|suffix| {
            let end = file.get(file.len().checked_sub(suffix.len())?..)?;
            (file.len() > suffix.len() && end.eq_ignore_ascii_case(suffix)).then_some(suffix.len())
        })?;
        let (whole, suffix) = file.split_at(file.len() - length);
        // The last '+' counts, if a counter and nothing else follows it.
        let counted = whole
            .rfind('+')
            .filter(|at| *at > 0)
            .and_then(|at| Some((at, Counter::parse(&whole[at + 1..])?)));
        let (stem, written) = whole.split_at(counted.map_or(whole.len(), |(at, _)| at));
        Some(Self {
            stem: stem.to_owned(),
            counter: counted.map(|(_, counter)| counter),
            written: written.to_owned(),
            suffix: suffix.to_owned(),
        })
    }

    /// The entry that the boot loader calls so. The id of a unified kernel with profiles ends in `@` and one of them:
    /// `imp_1.efi@main` (systemd 257).
    pub fn of_id(id: &str) -> Option<Self> {
        Self::parse(id).or_else(|| Self::parse(id.rsplit_once('@')?.0))
    }

    /// The name without a counter: what the entry is called once it is good, and the image's name.
    pub fn image(&self) -> String {
        format!("{}{}", self.stem, self.suffix)
    }

    /// How often it may still be tried; `None` for an entry that is not counted: one that is good.
    pub fn counter(&self) -> Option<Counter> {
        self.counter
    }

    /// The same entry, counted so.
    pub fn counted(&self, counter: Option<Counter>) -> Self {
        Self {
            counter,
            written: counter.map_or_else(String::new, |Counter { left, done }| format!("+{left}-{done}")),
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

    /// Whether its file is of this kind, `.efi` or `.conf`.
    pub fn has_suffix(&self, suffix: &str) -> bool {
        self.suffix.eq_ignore_ascii_case(suffix)
    }

    /// Whether both are the same entry, whatever their counters. FAT and the boot loader do not tell the cases apart.
    pub fn is_same(&self, other: &Self) -> bool {
        self.image().eq_ignore_ascii_case(&other.image())
    }

    /// A pattern for `LoaderEntryOneShot` that is this entry with a counter or without one, with a profile or without one.
    ///
    /// Which of them a boot loader calls an entry depends on more than its version (systemd#38813): 252
    /// keeps the counter in the id, later ones strip it. Patterns were always allowed.
    pub fn pattern(&self) -> String {
        let first = self.suffix[1..2].to_ascii_lowercase();
        format!("{}[.+][0{first}]*", self.stem)
    }
}

impl Counter {
    /// An entry that is only started when it is asked for: bad before it was ever tried.
    pub const ON_REQUEST: Self = Self { left: 0, done: 0 };
    /// The same entry when it was started.
    pub const REQUESTED_ONCE: Self = Self { left: 0, done: 1 };

    /// `LEFT-DONE`, or `LEFT` alone where it was not tried yet, as kernel-install(8) writes it.
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
        write!(f, "{}{}{}", self.stem, self.written, self.suffix)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_was_found() {
        for (file, image, counter) in [
            ("imp_2.efi", "imp_2.efi", None),
            ("imp_2+3.efi", "imp_2.efi", Some((3, 0))),
            ("imp_2+3-0.efi", "imp_2.efi", Some((3, 0))),
            ("imp_2+03-1.EFI", "imp_2.EFI", Some((3, 1))),
            ("imp_2.0~rc1+0-1.efi", "imp_2.0~rc1.efi", Some((0, 1))),
            // Not counters, so part of the name.
            ("imp_2+rc1.efi", "imp_2+rc1.efi", None),
            ("imp_2+.efi", "imp_2+.efi", None),
            ("imp_2+1-.efi", "imp_2+1-.efi", None),
            ("+1-0.efi", "+1-0.efi", None),
            ("6.1.0-50+deb12u1+2.conf", "6.1.0-50+deb12u1.conf", Some((2, 0))),
        ] {
            let name = EntryName::parse(file).unwrap();
            assert_eq!(name.to_string(), file);
            assert_eq!(name.image(), image);
            assert_eq!(
                name.counter().map(|counter| (counter.left, counter.done)),
                counter
            );
        }
        for none in [".efi", "efi", "imp.txt", "", "imp_1.efi@main", "ü.ef"] {
            assert_eq!(EntryName::parse(none), None, "{none}");
        }
    }

    #[test]
    fn a_counter_that_is_written_has_both_numbers() {
        let found = EntryName::parse("imp_2+3.efi").unwrap();
        assert_eq!(
            found.counted(Some(Counter::ON_REQUEST)).to_string(),
            "imp_2+0-0.efi"
        );
        assert_eq!(found.counted(None).to_string(), "imp_2.efi");
        assert_eq!(found.with_ending("-drill").to_string(), "imp_2-drill+3.efi");
    }

    #[test]
    fn an_id_may_end_in_a_profile() {
        for id in ["imp_1.efi", "imp_1.efi@main", "imp_1.efi@2", "IMP_1.EFI@a"] {
            let name = EntryName::of_id(id).unwrap();
            assert!(name.is_same(&EntryName::parse("imp_1.efi").unwrap()), "{id}");
        }
        let other = EntryName::of_id("imp_1@home.efi@main").unwrap();
        assert_eq!(other.image(), "imp_1@home.efi");
        for none in ["auto-windows", "auto-reboot-to-firmware-setup", "@main", ""] {
            assert_eq!(EntryName::of_id(none), None, "{none}");
        }
    }
}
