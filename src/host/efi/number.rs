//! The numbered boot entries of the firmware, and the variables that hold their numbers.

use super::{EfiError, LoadOption, VariableName, Variables};
use crate::host::file::Effect;

impl Variables {
    /// The entry that was started. Set once per start of the firmware; a later kexec does not change it.
    pub fn boot_current(&self) -> Result<Option<u16>, EfiError> {
        self.number(VariableName::BootCurrent)
    }

    /// The entry that is started next, once.
    pub fn boot_next(&self) -> Result<Option<u16>, EfiError> {
        self.number(VariableName::BootNext)
    }

    /// The next start of the firmware runs this entry, once. The entry must exist and have been read back before.
    pub fn set_boot_next(&self, number: u16) -> Result<Effect, EfiError> {
        self.write(&VariableName::BootNext, &number.to_le_bytes())
    }

    /// The boot order, used when no `BootNext` is set. Firmware appends its own entries: only the first one means something.
    pub fn boot_order(&self) -> Result<Vec<u16>, EfiError> {
        let name = VariableName::BootOrder;
        let bytes = self.read(&name)?.unwrap_or_default();
        match bytes.as_chunks::<2>() {
            (numbers, []) => Ok(numbers.iter().map(|number| u16::from_le_bytes(*number)).collect()),
            _ => Err(not_a_number(name)),
        }
    }

    /// The firmware tries these entries, in this order, when no `BootNext` is set.
    pub fn set_boot_order(&self, numbers: &[u16]) -> Result<Effect, EfiError> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.write(&VariableName::BootOrder, &bytes)
    }

    /// The entry of this number.
    pub fn load_option(&self, number: u16) -> Result<Option<LoadOption>, EfiError> {
        let name = VariableName::Boot(number);
        match self.read(&name)? {
            None => Ok(None),
            Some(bytes) => LoadOption::parse(&bytes).map(Some).ok_or(EfiError::Malformed {
                name,
                problem: "does not hold a boot entry",
            }),
        }
    }

    /// The entry of this number is this one, read back.
    pub fn set_load_option(&self, number: u16, option: &LoadOption) -> Result<Effect, EfiError> {
        self.write(&VariableName::Boot(number), &option.encode())
    }

    /// Every number in use, in ascending order, including those of entries that cannot be decoded.
    pub fn boot_numbers(&self) -> Result<Vec<u16>, EfiError> {
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.dir).map_err(|source| self.file_error(None, source))? {
            let file = entry.map_err(|source| self.file_error(None, source))?.file_name();
            let number = file
                .to_str()
                .and_then(|file| file.get(4..8))
                .and_then(|digits| u16::from_str_radix(digits, 16).ok());
            if let Some(number) = number
                && file.to_str() == Some(&VariableName::Boot(number).to_string())
            {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn number(&self, name: VariableName) -> Result<Option<u16>, EfiError> {
        match self.read(&name)? {
            None => Ok(None),
            Some(bytes) => match <[u8; 2]>::try_from(bytes) {
                Ok(bytes) => Ok(Some(u16::from_le_bytes(bytes))),
                Err(_) => Err(not_a_number(name)),
            },
        }
    }
}

fn not_a_number(name: VariableName) -> EfiError {
    EfiError::Malformed {
        name,
        problem: "does not hold numbers of boot entries",
    }
}
