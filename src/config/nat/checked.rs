//! `[nat.NAME]`, checked: each mode with the keys it has.

use super::raw::{MappingRaw, Mode, NatRaw};
use super::{Holds, Nat, NatMapping, NatMode, Pool};
use super::{bypass, check, log, pool, static_mapping, timeouts};
use crate::config::check::Checking;
use crate::config::index::Index;
use crate::config::keys::{Field, Named, Path};
use crate::config::source::{Located, Span};
use crate::types::{InstanceName, NatName, Prefix};
use ipnet::{Ipv4Net, Ipv6Net};
use std::collections::BTreeMap;
use std::net::Ipv6Addr;

/// What `sessions` is when absent.
const SESSIONS: u32 = 65_536;
/// The well-known prefix (RFC 6052), when `prefix` is absent.
const WELL_KNOWN_PREFIX: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// `[nat.NAME]`, checked.
pub(in crate::config) fn nats(
    field: &Field<Named<NatName, NatRaw>>,
    cx: &mut Checking<'_>,
) -> BTreeMap<NatName, Nat> {
    let entries = field.entries().iter();
    let checked = entries.filter_map(|(name, table)| {
        Some((
            name.value.clone(),
            nat(&name.value, &table.value, table.span, cx)?,
        ))
    });
    checked.collect()
}

fn nat(name: &NatName, raw: &NatRaw, span: Span, cx: &mut Checking<'_>) -> Option<Nat> {
    let mode = raw.mode.value()?;
    cx.keys_of_mode(raw.keys(), mode.word(), span, &["nat", name.as_ref()]);
    let steered = mode != Mode::Nat64;
    if steered {
        cx.listed_once(raw.from.items());
        check::something_is_translated(raw.exempt.items(), cx);
    }
    let exempt = raw.exempt.items().iter().filter(|_| steered);
    let from = raw.from.items().iter().filter(|_| steered);
    let (bypass, timeouts) = match steered {
        true => (
            bypass::bypass(raw.bypass.items(), &inside_of(raw), cx),
            timeouts::timeouts(&raw.timeouts),
        ),
        false => Default::default(),
    };
    let mode = match mode {
        Mode::Det44 => Some(det44(raw, cx)),
        Mode::Nat44Ed => nat44_ed(name, raw, cx),
        Mode::Nat64 => nat64(name, raw, cx),
    };
    Some(Nat {
        at: cx.at(span),
        instance: raw.instance.value()?,
        link: *cx.index.nat_links.get(name)?,
        from: from.map(|name| name.value.clone()).collect(),
        exempt: exempt.map(|net| net.value).collect(),
        bypass,
        timeouts,
        mode: mode?,
    })
}

/// What is steered into the module.
fn inside_of(raw: &NatRaw) -> Vec<Located<Ipv4Net>> {
    match raw.mode.value() {
        Some(Mode::Det44) => {
            let mappings = raw.mappings.items().iter();
            mappings.filter_map(|it| it.value.inside.copied()).collect()
        }
        Some(Mode::Nat44Ed) => raw.inside.items().to_vec(),
        Some(Mode::Nat64) | None => Vec::new(),
    }
}

/// The two prefixes of a mapping, when both are set.
fn prefixes(mapping: &MappingRaw) -> Option<(Located<Ipv4Net>, Located<Ipv4Net>)> {
    Some((mapping.inside.copied()?, mapping.outside.copied()?))
}

fn det44(raw: &NatRaw, cx: &mut Checking<'_>) -> NatMode {
    let mut mappings = Vec::new();
    for mapping in raw.mappings.items() {
        if let Some((inside, outside)) = prefixes(&mapping.value) {
            check::vpp_survives(inside, outside, cx);
            mappings.push(NatMapping {
                at: cx.at(mapping.span),
                inside: inside.value,
                outside: outside.value,
            });
        }
    }
    NatMode::Det44 { mappings }
}

fn nat44_ed(name: &NatName, raw: &NatRaw, cx: &mut Checking<'_>) -> Option<NatMode> {
    let inside = raw.inside.items();
    let path = Path::of(&["nat", name.as_ref()]);
    let written = static_mapping::written(raw.statics.items(), &path, cx);
    let pool = checked_pool(raw, cx);
    let statics = static_mapping::of_nat44(&written, inside, pool.as_ref(), cx);
    let pool = pool?;
    Some(NatMode::Nat44Ed {
        inside: inside.iter().map(|i| i.value).collect(),
        sessions: raw.sessions.get().map_or(SESSIONS, |s| s.get()),
        statics,
        log: log::log(&raw.log, &pool, cx),
        pool,
    })
}

fn checked_pool(raw: &NatRaw, cx: &mut Checking<'_>) -> Option<Pool> {
    let pool = raw.pool.get()?;
    pool::is_usable(pool, cx);
    Some(pool.into())
}

fn nat64(name: &NatName, raw: &NatRaw, cx: &mut Checking<'_>) -> Option<NatMode> {
    let path = Path::of(&["nat", name.as_ref()]);
    let written = static_mapping::written(raw.statics.items(), &path, cx);
    let pool = checked_pool(raw, cx);
    let prefix = match raw.prefix.is_written() {
        true => raw.prefix.get().map(|prefix| prefix.0),
        false => Some(WELL_KNOWN_PREFIX),
    };
    let instance = raw.instance.get();
    let statics = static_mapping::of_nat64(&written, &path, prefix, pool.as_ref(), instance, cx);
    Some(NatMode::Nat64 {
        prefix: prefix?,
        pool: pool?,
        statics,
    })
}

/// Enters the modules: their instances, what they are steered from, and the prefixes they translate.
pub(in crate::config) fn index_nats(field: &Field<Named<NatName, NatRaw>>, index: &mut Index) {
    for (_, table) in field.entries() {
        let raw = &table.value;
        index.nat_instances.extend(raw.instance.copied());
        index.nat_holds.extend(raw.instance.copied().zip(holds(raw)));
        match raw.mode.value() {
            Some(Mode::Det44) => {
                index.nat_from.extend(raw.from.items().iter().cloned());
                index_mappings(raw, index);
            }
            Some(Mode::Nat44Ed) => {
                index.nat_from.extend(raw.from.items().iter().cloned());
                index_pool(raw, index);
                index.nat_inside.extend(raw.inside.items().iter().copied());
            }
            Some(Mode::Nat64) => {
                index_pool(raw, index);
                let prefix = match raw.prefix.is_written() {
                    true => raw.prefix.copied().map(|prefix| prefix.map(|p| p.0)),
                    false => Some(Located {
                        value: WELL_KNOWN_PREFIX,
                        span: table.span,
                    }),
                };
                let prefix = prefix.map(|prefix| prefix.map(|p| Prefix::truncating(p.into())));
                index.nat64_prefixes.extend(prefix);
                index.nat64_instances.extend(raw.instance.value());
            }
            // Which module it is was refused; that its interfaces exist is known all the same.
            None => index.nat_from.extend(raw.from.items().iter().cloned()),
        }
    }
}

/// What the module holds in its heap, as far as the table says.
fn holds(raw: &NatRaw) -> Option<Holds> {
    match raw.mode.value()? {
        Mode::Det44 => {
            let mappings = raw.mappings.items().iter();
            let pairs = mappings.filter_map(|mapping| prefixes(&mapping.value));
            let sound = pairs.filter(|(inside, outside)| check::flaw(*inside, *outside).is_none());
            let addresses = sound.map(|(inside, _)| 1 << (32 - inside.value.prefix_len()));
            Some(Holds::InsideAddresses(addresses.sum()))
        }
        Mode::Nat44Ed => Some(Holds::Sessions(raw.sessions.get().map_or(SESSIONS, |s| s.get()))),
        Mode::Nat64 => {
            let written = raw.pool.get()?;
            pool::is_sound(written).then(|| Holds::PoolAddresses(Pool::from(written).count()))
        }
    }
}

fn index_mappings(raw: &NatRaw, index: &mut Index) {
    let mappings = raw.mappings.items().iter();
    for (inside, outside) in mappings.filter_map(|mapping| prefixes(&mapping.value)) {
        index.nat_inside.push(inside);
        let outside = outside.map(|net| Prefix::truncating(net.into()));
        index.nat_outside.push(outside);
    }
}

fn index_pool(raw: &NatRaw, index: &mut Index) {
    let ranges = raw.pool.get().into_iter().flat_map(|pool| &pool.0);
    for range in ranges {
        let prefixes = pool::prefixes(range.value);
        index
            .nat_outside
            .extend(prefixes.map(|prefix| range.map(|_| prefix)));
    }
}

/// The instance of each module, and its mode as it is written.
pub(in crate::config) fn modes(field: &Field<Named<NatName, NatRaw>>) -> Vec<(InstanceName, &'static str)> {
    let tables = field.entries().iter().map(|(_, table)| &table.value);
    tables
        .filter_map(|raw| Some((raw.instance.value()?, raw.mode.value()?.word())))
        .collect()
}
