//! Keys of WireGuard: 32 bytes, written in base64 as `wg` writes them.

use super::{TypeError, serde_as_text};
use base64ct::{Base64, Encoding as _};
use ed25519_compact::x25519;
use std::fmt;
use std::str::FromStr;

/// The message of VPP that lists its tunnels of WireGuard, without their private keys: `show wireguard interface` prints those.
pub const LISTS_TUNNELS: &str = "wireguard_interface_dump";
const BYTES: usize = 32;

/// A public key, which whoever speaks with its owner knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireguardKey([u8; BYTES]);

/// A private key. It is never printed: `Debug` hides it, and only [`WireguardSecret::reveal`] returns it.
#[derive(Clone, PartialEq, Eq)]
pub struct WireguardSecret([u8; BYTES]);

impl WireguardSecret {
    /// The public key that belongs to it.
    pub fn public(&self) -> WireguardKey {
        // An error is for a point of the other side's; this is the base point.
        let public = x25519::SecretKey::new(self.0).recover_public_key();
        WireguardKey(public.map_or([0; BYTES], |key| *key))
    }

    /// The key itself, for the message that needs it.
    pub fn reveal(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl From<[u8; BYTES]> for WireguardKey {
    fn from(bytes: [u8; BYTES]) -> Self {
        Self(bytes)
    }
}

impl FromStr for WireguardKey {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        bytes(text).map(Self).ok_or_else(|| {
            TypeError::expected(
                "a public key of WireGuard: 44 characters of base64, as `wg pubkey` prints them",
            )
        })
    }
}

impl FromStr for WireguardSecret {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        bytes(text).map(Self).ok_or_else(|| {
            TypeError::expected(
                "a private key of WireGuard: 44 characters of base64, as `wg genkey` prints them",
            )
        })
    }
}

fn bytes(text: &str) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    let whole = Base64::decode(text, &mut bytes).ok()?.len() == BYTES;
    whole.then_some(bytes)
}

impl fmt::Display for WireguardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Base64::encode_string(&self.0))
    }
}

impl fmt::Debug for WireguardSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WireguardSecret(…)")
    }
}

serde_as_text!(WireguardKey);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{WireguardKey, WireguardSecret};

    /// RFC 7748, section 6.1: Alice's keys.
    const PRIVATE: &str = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";
    const PUBLIC: &str = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";

    #[test]
    fn a_private_key_has_its_public_one_and_is_not_printed() {
        let private: WireguardSecret = PRIVATE.parse().unwrap();
        assert_eq!(private.public().to_string(), PUBLIC);
        assert_eq!(format!("{private:?}"), "WireguardSecret(…)");
        assert_eq!(PUBLIC.parse::<WireguardKey>().unwrap(), private.public());
    }

    #[test]
    fn nothing_but_32_bytes_of_base64_is_a_key() {
        for text in [
            "",
            "AAAA",
            &PUBLIC[1..],
            &PUBLIC[..43],
            &format!("{PUBLIC}\n"),
            &PUBLIC.replace('/', "_"),
        ] {
            assert!(text.parse::<WireguardKey>().is_err(), "{text:?}");
            assert!(text.parse::<WireguardSecret>().is_err(), "{text:?}");
        }
    }
}
