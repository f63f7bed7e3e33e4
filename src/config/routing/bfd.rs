//! `[bfd]`.

use super::raw::{BfdProfileRaw, BfdRaw};
use crate::config::keys::Field;
use crate::types::PolicyName;
use std::collections::BTreeMap;

/// `[bfd]`.
#[derive(Debug, Default)]
pub struct Bfd {
    /// `profiles.NAME`.
    pub profiles: BTreeMap<PolicyName, BfdProfile>,
}

/// `[bfd.profiles.NAME]`; absent values are FRR's defaults.
#[derive(Debug, Default)]
pub struct BfdProfile {
    /// `detect-multiplier`, 2 to 255.
    pub detect_multiplier: Option<u8>,
    /// `receive-interval`, 10 to 60,000 ms.
    pub receive_interval: Option<u16>,
    /// `transmit-interval`, 10 to 60,000 ms.
    pub transmit_interval: Option<u16>,
}

/// `[bfd]`.
pub(in crate::config) fn bfd(field: &Field<BfdRaw>) -> Bfd {
    let profiles = field.get().map_or(&[][..], |raw| raw.profiles.entries());
    let profiles = profiles
        .iter()
        .map(|(name, table)| (name.value.clone(), profile(&table.value)));
    Bfd {
        profiles: profiles.collect(),
    }
}

fn profile(raw: &BfdProfileRaw) -> BfdProfile {
    BfdProfile {
        detect_multiplier: raw.detect_multiplier.get().map(|m| m.get()),
        receive_interval: raw.receive_interval.get().map(|r| r.get()),
        transmit_interval: raw.transmit_interval.get().map(|t| t.get()),
    }
}
