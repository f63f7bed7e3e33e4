//! What an operator says of the host itself: its time zone, its kernel's settings, who logs in.

use super::{TypeError, text_type};
use base64ct::{Base64, Encoding as _};
use std::fmt;
use std::str::FromStr;

text_type! {
    /// The name of a time zone as the tz database has it: `Europe/Berlin`, `America/Argentina/Salta`, `UTC`. Whether a machine
    /// knows it is asked there.
    TimeZone,
    "the name of a time zone like Europe/Berlin or UTC",
    |text| text == "UTC" || (text.len() <= 64 && text.split('/').count() > 1 && text.split('/').all(|part| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b))
    }))
}

/// The parts of the kernel that have settings.
const SUBSYSTEMS: [&str; 6] = ["dev", "fs", "kernel", "net", "user", "vm"];

/// A setting of the kernel, below `/proc/sys`: `net.core.rmem_max`. Slashes are taken for dots; no part of it has either.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SysctlName(String);

impl SysctlName {
    /// Its path below `/proc/sys`: `net/core/rmem_max`.
    pub fn path(&self) -> String {
        self.0.replace('.', "/")
    }
}

impl FromStr for SysctlName {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let name = text.replace('/', ".");
        let mut parts = name.split('.');
        let known = parts.next().is_some_and(|first| SUBSYSTEMS.contains(&first));
        let is_part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        };
        let rest: Vec<&str> = parts.collect();
        match known && name.len() <= 128 && !rest.is_empty() && rest.into_iter().all(is_part) {
            true => Ok(Self(name)),
            false => Err(TypeError::expected(
                "a setting of the kernel like net.core.rmem_max or vm.swappiness",
            )),
        }
    }
}

impl fmt::Display for SysctlName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for SysctlName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl serde::Serialize for SysctlName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for SysctlName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

text_type! {
    /// The value of a setting of the kernel: one line of 1 to 200 visible ASCII characters and single spaces.
    SysctlValue,
    "a number, or one line of text like \"4096 131072 6291456\"",
    |text| (1..=200).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
        && text.split(' ').all(|word| !word.is_empty())
}

text_type! {
    /// The name of a user or a group: 1 to 31 of `[a-z0-9_-]`, a letter or `_` first, as every system takes it.
    UserName,
    "a name of 1 to 31 lower-case letters, digits, - or _, a letter first",
    |text| (1..=31).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b))
}

text_type! {
    /// The name of a person, for the GECOS field: one line of 1 to 80 visible characters, without `:` and `,`.
    PersonName,
    "one line of 1 to 80 visible characters, without ':', ',' and spaces at the ends",
    |text| (1..=80).contains(&text.chars().count())
        && !text.chars().any(|c| super::is_hostile(c) || matches!(c, ':' | ','))
        && text.trim() == text
}

text_type! {
    /// A public key as OpenSSH writes it in one line: its algorithm, what it is in Base64, and a comment.
    PublicKey,
    "a public key as it is in a .pub file, like \"ssh-ed25519 AAAA... name@host\"",
    is_public_key
}

/// The algorithms of user keys that OpenSSH takes.
const ALGORITHMS: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// Whether the key is whole: what is in it begins with its algorithm once more (RFC 4253, section 6.6).
fn is_public_key(text: &str) -> bool {
    let mut words = text.split(' ');
    let (Some(algorithm), Some(key)) = (words.next(), words.next()) else {
        return false;
    };
    let Ok(bytes) = Base64::decode_vec(key) else {
        return false;
    };
    let length = u32::try_from(algorithm.len()).unwrap_or_default().to_be_bytes();
    let inside = bytes
        .strip_prefix(&length)
        .and_then(|rest| rest.strip_prefix(algorithm.as_bytes()));
    ALGORITHMS.contains(&algorithm)
        && inside.is_some_and(|rest| rest.len() > 32)
        && text.len() <= 8192
        && !text.chars().any(super::is_hostile)
}

/// Declares a text that no log shows: `Debug` hides it, and only `reveal` returns it.
macro_rules! secret_type {
    ($(#[$doc:meta])* $name:ident, $expected:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The text itself, for the file that needs it.
            pub fn reveal(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TypeError;
            fn from_str(text: &str) -> Result<Self, TypeError> {
                let check: fn(&str) -> bool = $check;
                match check(text) {
                    true => Ok(Self(text.to_owned())),
                    false => Err(TypeError::expected($expected)),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

secret_type! {
    /// A password as crypt(5) hashes it: `$y$…`, `$6$…`. Never the password.
    PasswordHash,
    "a hash of the password, like the one that `mkpasswd -m yescrypt` prints",
    |text| (20..=400).contains(&text.len())
        && text.strip_prefix('$').is_some_and(|rest| rest.split('$').count() > 2)
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"./$=,_-+".contains(&b))
}

secret_type! {
    /// A community of SNMP: 1 to 32 letters, digits and signs that snmpd reads as one word.
    SnmpCommunity,
    "a community of 1 to 32 letters, digits, and the signs . _ - + = : @ ! % ^ * ~",
    |text| (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+=:@!%^*~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes<T: FromStr>(good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(text.parse::<T>().is_ok(), "{text}");
        }
        for text in bad {
            assert!(text.parse::<T>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_zone_is_named_as_the_database_names_it() {
        takes::<TimeZone>(
            &[
                "UTC",
                "Europe/Berlin",
                "America/Argentina/Salta",
                "Etc/GMT-3",
                "America/Port-au-Prince",
            ],
            &[
                "",
                "CEST",
                "europe/berlin",
                "Europe/",
                "/Europe/Berlin",
                "Europe/../x",
                "Europe/Ber lin",
            ],
        );
    }

    #[test]
    fn a_setting_of_the_kernel_is_below_proc_sys() {
        takes::<SysctlName>(
            &[
                "net.core.rmem_max",
                "vm.swappiness",
                "net/ipv4/conf/all/rp_filter",
            ],
            &[
                "",
                "net",
                "rmem_max",
                "net..core",
                "net.core.",
                "net.core/../x",
                "sys.x",
                "net.core.a b",
            ],
        );
        let path = "net.ipv4.tcp_rmem".parse::<SysctlName>().map(|name| name.path());
        assert_eq!(path.ok().as_deref(), Some("net/ipv4/tcp_rmem"));
    }

    #[test]
    fn a_public_key_is_whole() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPXKcAt9TmRpp4umylcWiR2BJrcelE651DNNbs4ePS+6";
        let cut = &key[..key.len() - 32];
        takes::<PublicKey>(
            &[key, &format!("{key} alice@example.net")],
            &[
                "",
                "alice",
                "ssh-ed25519",
                cut,
                &key.replace("ed25519 ", "rsa "),
                &format!("x {key}"),
            ],
        );
    }

    #[test]
    fn a_hash_is_no_password_and_is_not_shown() {
        let hash = "$6$saltsalt$0123456789abcdef0123456789abcdef0123456789abcdef";
        takes::<PasswordHash>(
            &[hash, "$y$j9T$abcdefgh$0123456789"],
            &["", "hunter2", "$6$x", "a:b", "!"],
        );
        assert_eq!(
            hash.parse().map(|hash: PasswordHash| format!("{hash:?}")),
            Ok("PasswordHash(…)".to_owned())
        );
        takes::<SnmpCommunity>(&["public", "a-b_c"], &["", "two words", "a#b", "\"x\""]);
    }
}
