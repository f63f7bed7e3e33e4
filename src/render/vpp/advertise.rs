//! What the router advertisements that VPP sends say; those with a word for FRR are FRR's.

use crate::config::{AdvertisedPrefix, RouterAdvertisement};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct Ra {
    max: u16,
    min: u16,
    /// VPP ignores an interval that is not below the lifetime in force without a word: one above its default comes first …
    lifetime: Option<u16>,
    /// … and one below it comes last.
    shorter_lifetime: Option<u16>,
    managed: bool,
    other: bool,
    prefixes: Vec<Advertised>,
}

#[derive(Debug, Serialize)]
struct Advertised {
    prefix: crate::types::Prefix,
    /// Without any, and with a flag, VPP would advertise a prefix that is not valid.
    lifetimes: Option<Lifetimes>,
    autonomous: bool,
    on_link: bool,
}

#[derive(Debug, Serialize)]
struct Lifetimes {
    valid: u32,
    preferred: u32,
}

/// VPP's own lifetime.
const LIFETIME: u16 = 600;

pub(super) fn advertised(ra: &Option<RouterAdvertisement>) -> Option<Ra> {
    let ra = ra.as_ref().filter(|ra| !ra.is_frrs())?;
    let lifetime = Some(ra.lifetime()).filter(|it| ra.lifetime.is_some() || *it != LIFETIME);
    let is_short = |lifetime: &u16| (1..=LIFETIME).contains(lifetime);
    Some(Ra {
        max: ra.max_interval,
        min: ra.min_interval,
        lifetime: lifetime.filter(|lifetime| !is_short(lifetime)),
        shorter_lifetime: lifetime.filter(is_short),
        managed: ra.managed,
        other: ra.other,
        prefixes: ra.prefixes.iter().map(prefix).collect(),
    })
}

fn prefix(it: &AdvertisedPrefix) -> Advertised {
    Advertised {
        prefix: it.prefix,
        lifetimes: it
            .lifetimes
            .map(|(valid, preferred)| Lifetimes { valid, preferred }),
        autonomous: it.autonomous,
        on_link: it.on_link,
    }
}
