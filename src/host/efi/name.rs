//! The variables this project reads or writes.

use std::fmt;

/// The vendor of the UEFI specification's own variables.
const GLOBAL: &str = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
/// The vendor of the Boot Loader Interface (systemd.io/BOOT_LOADER_INTERFACE).
const LOADER: &str = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

/// A variable by name; prints as efivarfs names its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableName {
    /// The number of the entry this start of the firmware ran.
    BootCurrent,
    /// The number of the entry the next start runs; the firmware removes it before it hands over.
    BootNext,
    /// The numbers of the entries in the order they are tried when no other was requested.
    BootOrder,
    /// An entry.
    Boot(u16),
    /// One byte, 1 when the firmware starts only what is signed.
    SecureBoot,
    /// Name and version of the boot loader: `systemd-boot 252.39-1~deb12u2`.
    LoaderInfo,
    /// What the boot loader can do, one bit each.
    LoaderFeatures,
    /// The partition's GUID of the ESP that was booted from.
    LoaderDevicePartUuid,
    /// The id of the entry that was started.
    LoaderEntrySelected,
    /// The id of the entry to start once; the boot loader removes it when it reads it.
    LoaderEntryOneShot,
    /// The id, or a pattern of ids, that overrides the boot loader's own order.
    LoaderEntryDefault,
    /// The same, but not for entries that used up their attempts (systemd 260).
    LoaderEntryPreferred,
    /// The file the boot loader counted an attempt on, as it was renamed.
    LoaderBootCountPath,
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::BootCurrent => return write!(f, "BootCurrent-{GLOBAL}"),
            Self::BootNext => return write!(f, "BootNext-{GLOBAL}"),
            Self::BootOrder => return write!(f, "BootOrder-{GLOBAL}"),
            Self::Boot(number) => return write!(f, "Boot{number:04X}-{GLOBAL}"),
            Self::SecureBoot => return write!(f, "SecureBoot-{GLOBAL}"),
            Self::LoaderInfo => "LoaderInfo",
            Self::LoaderFeatures => "LoaderFeatures",
            Self::LoaderDevicePartUuid => "LoaderDevicePartUUID",
            Self::LoaderEntrySelected => "LoaderEntrySelected",
            Self::LoaderEntryOneShot => "LoaderEntryOneShot",
            Self::LoaderEntryDefault => "LoaderEntryDefault",
            Self::LoaderEntryPreferred => "LoaderEntryPreferred",
            Self::LoaderBootCountPath => "LoaderBootCountPath",
        };
        write!(f, "{name}-{LOADER}")
    }
}
