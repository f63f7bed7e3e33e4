//! Names of images, trials and boots.

use super::{DatasetName, text_type};

text_type! {
    /// The name of a bootable image as its loader knows it: a dataset (`tank/ROOT/a`), a boot entry (`imp_2.efi`), a
    /// deployment (`fedora-coreos-3f2c….0`). 1 to 255 bytes that need no quoting in a shell, a property or a variable: `~` and `^`,
    /// which versions have (UAPI.10: `2.0~rc1`), need none where they are not the first.
    ImageName,
    "an image name: 1 to 255 letters, digits, '/', '.', '_', ':', '+', '~', '^' or '-', starting with a letter or digit",
    |text| (1..=255).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !text.contains("..")
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._:+~^-".contains(&b))
}

text_type! {
    /// The id of one attempt of one image: 12 hexadecimal digits, random.
    TrialId,
    "12 hexadecimal digits",
    |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

text_type! {
    /// The id of one boot, as the kernel has it in `/proc/sys/kernel/random/boot_id`: a UUID in lower case.
    BootId,
    "a boot id: a UUID in lower case",
    |text| text.len() == 36 && text.bytes().enumerate().all(|(i, b)| match i {
        8 | 13 | 18 | 23 => b == b'-',
        _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
    })
}

impl ImageName {
    /// The dataset as an image, under the same name.
    pub(super) fn of_dataset(dataset: &DatasetName) -> Self {
        Self(dataset.to_string())
    }
}

impl BootId {
    /// Stands for an unknown boot: all zeros.
    pub fn nil() -> Self {
        Self("00000000-0000-0000-0000-000000000000".to_owned())
    }
}

impl TrialId {
    /// The first 12 digits of a random UUID (`/proc/sys/kernel/random/uuid` gives a new one at every read).
    pub fn from_uuid(uuid: &BootId) -> Self {
        Self(uuid.0.chars().filter(|c| *c != '-').take(12).collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_a_dataset_an_entry_or_a_deployment() {
        for good in [
            "tank/ROOT/a",
            "imp_2+0-1.efi",
            "imp_2.0~rc1^2.efi",
            "fedora-coreos-3f2c.0",
            "a",
        ] {
            assert!(good.parse::<ImageName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "/tank",
            "tank/ROOT/a b",
            "a;b",
            "tank/../b",
            "-n",
            "~n",
            "tank@snap",
        ] {
            assert!(bad.parse::<ImageName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_trial_is_named_by_a_uuid() {
        let uuid: BootId = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9".parse().unwrap();
        assert_eq!(TrialId::from_uuid(&uuid).to_string(), "0a1b2c3d4e5f");
    }
}
