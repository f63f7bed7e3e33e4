//! CPU lists in the notation of VPP's `corelist-workers` and the kernel.

use super::{TypeError, number, serde_as_text};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A non-empty set of CPU numbers, each below 1024; prints as ranges (`2-5,8`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CpuList(BTreeSet<u16>);

impl CpuList {
    /// The CPUs in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().copied()
    }

    /// Whether the list names this CPU.
    pub fn contains(&self, cpu: u16) -> bool {
        self.0.contains(&cpu)
    }
}

impl FromStr for CpuList {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || TypeError::expected("a CPU list like 2-5 or 2,3,8-9, with CPU numbers below 1024");
        let mut cpus = BTreeSet::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let first: u16 = number(first.trim()).ok_or_else(wrong)?;
            let last: u16 = number(last.trim()).ok_or_else(wrong)?;
            if first > last || last >= 1024 {
                return Err(wrong());
            }
            cpus.extend(first..=last);
        }
        if cpus.is_empty() {
            Err(wrong())
        } else {
            Ok(Self(cpus))
        }
    }
}

impl fmt::Display for CpuList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        let mut cpus = self.0.iter().copied().peekable();
        while let Some(first) = cpus.next() {
            let mut last = first;
            while cpus.peek() == Some(&(last + 1)) {
                last += 1;
                cpus.next();
            }
            match last - first {
                0 => write!(f, "{separator}{first}")?,
                _ => write!(f, "{separator}{first}-{last}")?,
            }
            separator = ",";
        }
        Ok(())
    }
}

serde_as_text!(CpuList);
