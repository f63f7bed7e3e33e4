//! `[nat.NAME]`, checked: each mode with the keys it has.

use super::raw::{MappingRaw, Mode, NatRaw, StaticRaw};
use super::{Holds, Nat, NatMapping, NatMode, StaticMapping};
use super::{check, differ};
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
    let mode = match mode {
        Mode::Det44 => Some(det44(raw, cx)),
        Mode::Nat44Ed => nat44_ed(name, raw, cx),
        Mode::Nat64 => nat64(raw, cx),
    };
    Some(Nat {
        at: cx.at(span),
        instance: raw.instance.value()?,
        link: *cx.index.nat_links.get(name)?,
        from: from.map(|name| name.value.clone()).collect(),
        exempt: exempt.map(|net| net.value).collect(),
        mode: mode?,
    })
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
    let tables = raw.statics.items().iter().enumerate();
    let statics: Vec<Located<StaticMapping>> = tables
        .filter_map(|(index, table)| {
            let path = format!("{}.static[{index}]", Path::of(&["nat", name.as_ref()]));
            let mapping = static_mapping(&table.value, table.span, &path, cx)?;
            Some(Located {
                value: mapping,
                span: table.span,
            })
        })
        .collect();
    let pool = raw.pool.copied();
    if let Some(pool) = pool {
        check::pool_is_usable(pool, cx);
        check::statics_are_reached(&statics, inside, pool.value, cx);
    }
    differ::statics_have_their_own_inside(&statics, cx);
    Some(NatMode::Nat44Ed {
        inside: inside.iter().map(|i| i.value).collect(),
        pool: pool?.value,
        sessions: raw.sessions.get().map_or(SESSIONS, |s| s.get()),
        statics: statics.into_iter().map(|s| s.value).collect(),
    })
}

/// One `[[nat.NAME.static]]`: with ports when `protocol` is set, else the whole address.
fn static_mapping(raw: &StaticRaw, span: Span, path: &str, cx: &mut Checking<'_>) -> Option<StaticMapping> {
    let port = match raw.protocol.span() {
        None => {
            check::no_port_without_protocol(raw, path, cx);
            None
        }
        Some(_) => {
            let ports = [
                (&raw.outside_port, "outside-port"),
                (&raw.inside_port, "inside-port"),
            ];
            for (_, key) in ports.iter().filter(|(port, _)| !port.is_written()) {
                cx.missing(key, "443", path, span);
            }
            let [outside, inside] = ports.map(|(port, _)| port.get().map(|port| port.get()));
            Some((raw.protocol.value()?, inside?, outside?))
        }
    };
    Some(StaticMapping {
        at: cx.at(span),
        port,
        inside: raw.inside.value()?,
        outside: raw.outside.value()?,
    })
}

fn nat64(raw: &NatRaw, cx: &mut Checking<'_>) -> Option<NatMode> {
    let pool = raw.pool.copied();
    if let Some(pool) = pool {
        check::pool_is_usable(pool, cx);
    }
    let prefix = match raw.prefix.is_written() {
        true => raw.prefix.get()?.0,
        false => WELL_KNOWN_PREFIX,
    };
    Some(NatMode::Nat64 {
        prefix,
        pool: pool?.value,
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
            let pool = raw.pool.value()?;
            check::pool_flaw(pool)
                .is_none()
                .then(|| Holds::PoolAddresses(pool.count()))
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
    let Some(pool) = raw.pool.copied() else { return };
    let prefixes = ipnet::Ipv4Subnets::new(pool.value.first(), pool.value.last(), 0);
    let located = prefixes.map(|net| pool.map(|_| Prefix::truncating(net.into())));
    index.nat_outside.extend(located);
}

/// The instance of each module, and its mode as it is written.
pub(in crate::config) fn modes(field: &Field<Named<NatName, NatRaw>>) -> Vec<(InstanceName, &'static str)> {
    let tables = field.entries().iter().map(|(_, table)| &table.value);
    tables
        .filter_map(|raw| Some((raw.instance.value()?, raw.mode.value()?.word())))
        .collect()
}
