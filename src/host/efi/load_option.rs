//! A boot entry of the firmware: the content of a `Boot####` variable (UEFI, `EFI_LOAD_OPTION`).

use super::DevicePath;
use super::utf16;

/// The attributes of an entry that a start may use. Some firmware starts no other, not even by `BootNext`.
pub const ACTIVE: u32 = 1;

/// One boot entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadOption {
    attributes: u32,
    description: String,
    device_path: DevicePath,
    options: Vec<u8>,
}

impl LoadOption {
    /// An active entry. An empty command line leaves the program its own; any other replaces it completely.
    ///
    /// `None` if the description or the command line holds a NUL.
    pub fn new(description: &str, device_path: DevicePath, command_line: &str) -> Option<Self> {
        if description.contains('\0') || command_line.contains('\0') {
            return None;
        }
        Some(Self {
            attributes: ACTIVE,
            description: description.to_owned(),
            device_path,
            options: utf16::encode(command_line),
        })
    }

    /// Decodes an entry; `None` if the bytes are not one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (attributes, rest) = bytes.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_le_bytes(*length));
        let (units, _) = rest.as_chunks::<2>();
        let end = units.iter().position(|unit| *unit == [0, 0])? * 2;
        let description = utf16::decode(rest.get(..end)?)?;
        let (device_path, options) = rest.get(end + 2..)?.split_at_checked(length)?;
        Some(Self {
            attributes: u32::from_le_bytes(*attributes),
            description,
            device_path: DevicePath::parse(device_path)?,
            options: options.to_vec(),
        })
    }

    /// The bytes of the variable.
    pub fn encode(&self) -> Vec<u8> {
        let path = self.device_path.bytes();
        let mut bytes = self.attributes.to_le_bytes().to_vec();
        // A device path is never longer than its length can say.
        bytes.extend(u16::try_from(path.len()).unwrap_or(u16::MAX).to_le_bytes());
        bytes.extend(utf16::encode(&self.description));
        bytes.extend([0, 0]);
        bytes.extend(path);
        bytes.extend(&self.options);
        bytes
    }

    /// Whether a start may use it.
    pub fn is_active(&self) -> bool {
        self.attributes & ACTIVE != 0
    }

    /// The description shown in menus.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Where its program is.
    pub fn device_path(&self) -> &DevicePath {
        &self.device_path
    }

    /// The command line of its program; `None` if the bytes are not text.
    pub fn command_line(&self) -> Option<String> {
        utf16::decode(&self.options)
    }
}
