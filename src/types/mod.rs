//! Values that cannot be invalid: they parse and print, nothing else.
//!
//! Every type has a private field, is made by `FromStr` or a checked constructor, prints what it parsed, and its error says
//! what was expected. Nothing that reaches a template or a netlink message is a bare `String`.

mod asn;
mod cpu;
mod frr;
pub mod generation;
mod host;
pub mod id;
mod image;
mod isis;
mod job;
mod name;
mod net;
mod nic;
mod peer;
mod rate;
mod regex;
mod root;
pub mod secret;
mod size;
pub mod ssh_key;
mod text;
pub mod wireguard;

pub use asn::{Asn, Community, LargeCommunity, RouterId};
pub use cpu::CpuList;
pub use frr::{BgpModule, FrrRelease};
pub use host::{
    PasswordHash, PersonName, PublicKey, SnmpCommunity, SysctlName, SysctlValue, TimeZone, UserName,
};
pub use image::{BootId, ImageName, TrialId};
pub use isis::IsisNet;
pub use job::{Job, Mode, Verb};
pub use name::{
    DatasetName, HostName, IfName, InstanceName, KernelName, LinkName, LvmSource, NatName, NetnsName,
    PolicyName, PoolName, VrfName, vpps_own,
};
pub use net::{AddrRange4, HostAddr, IfAddr, Mtu, Prefix, Server, VirtualRouterId, VlanId};
pub use nic::{DriverName, MacAddr, PciAddress};
pub use peer::PeerName;
pub use rate::{BitRate, Burst};
pub use regex::{AsPathRegex, CommunityRegex};
pub use root::Root;
pub(crate) use size::seconds;
pub use size::{Bytes, Seconds};
pub use text::{Banner, Line, RelPath, Secret, Target, one_line};
pub(crate) use text::{is_hostile, lines};
pub use wireguard::{WireguardKey, WireguardSecret};

/// A text is not a valid value of a type. Prints as `expected …`; the caret of the diagnostic points at the text itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct TypeError {
    expected: String,
}

impl TypeError {
    /// An error that says what was expected.
    pub fn expected(expected: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
        }
    }
}

/// A number as it is printed: decimal digits without a sign or leading zeros.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

/// Declares a newtype over `String` whose text passed a check, with `FromStr`, `Display`, `AsRef<str>`, `Borrow<str>`,
/// `Serialize` and a checked `Deserialize`.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $expected:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl std::str::FromStr for $name {
            type Err = $crate::types::TypeError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err($crate::types::TypeError::expected($expected))
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use text_type;

/// Implements `Serialize` and a checked `Deserialize` through `Display` and `FromStr`.
macro_rules! serde_as_text {
    ($($name:ty),+) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(crate) use serde_as_text;
