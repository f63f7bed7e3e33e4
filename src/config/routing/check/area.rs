//! Areas of OSPF that cannot carry what is asked of them.

use crate::config::check::Checking;
use crate::config::code::{E0397, E0398};
use crate::config::diag::Diagnostic;
use crate::config::keys::Form;
use crate::config::routing::ospf::Area;
use crate::config::routing::ospf::checked::OspfVersion;
use crate::config::routing::raw::{AreaType, OspfRaw};
use crate::config::source::Span;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Routes go from one area to another through area 0: without it, a router between areas keeps them apart.
pub(in crate::config) fn are_joined(version: OspfVersion, table: Option<Span>, cx: &mut Checking<'_>) {
    let (index, key) = (cx.index, version.key());
    let areas = version.areas(index);
    let has_backbone = areas.contains(&Area(Ipv4Addr::UNSPECIFIED));
    // Lines of extra-file may have virtual links, or borders of another kind.
    if areas.len() < 2 || has_backbone || index.igp_of_extra || index.l3_refused {
        return;
    }
    let first = version.uses(index).iter().map(|used| used.span).min();
    let Some(place) = table.or(first) else { return };
    let names: Vec<String> = areas.iter().map(Area::to_string).collect();
    let message = format!("nothing joins the areas {} of {key}", names.join(", "));
    cx.report(
        Diagnostic::warning(E0397, place, message)
            .label("no interface is in area 0, so FRR passes no route from one to another")
            .hint(format!(
                "write `{key} = {{ area = 0 }}` at the interfaces that lead to the others, or one area for all"
            )),
    );
}

/// What comes from outside of OSPF enters no stub: somebody hears of it only in another area.
pub(in crate::config) fn what_is_announced_enters_one(
    version: OspfVersion,
    raw: &OspfRaw,
    cx: &mut Checking<'_>,
) {
    let index = cx.index;
    let areas = version.areas(index);
    let kinds = raw.areas.entries().iter();
    let stubs = kinds.filter_map(|(area, table)| {
        let kind = table.value.kind.located()?;
        (*kind.value == AreaType::Stub).then_some((area.value, kind.span))
    });
    let stubs: BTreeMap<Area, Span> = stubs.collect();
    let stub = areas.iter().find_map(|area| stubs.get(area));
    let all_are_stubs = areas.iter().all(|area| stubs.contains_key(area));
    let Some(stub) = stub.filter(|_| all_are_stubs && !index.l3_refused) else {
        return;
    };
    let default = raw.default_originate.located().filter(|it| match it.value {
        Form::Short(on) => *on,
        Form::Table(_) => true,
    });
    let joins = "remove it: the router that joins a stub with others gives it a default route";
    let default = default.map(|it| ("the default route", it.span, joins));
    let nssa = "write `type = \"nssa\"`, at all routers of the area: in such a one they may redistribute";
    let others = raw.redistributed().first();
    let others = others.map(|it| ("what is redistributed", it.span, nssa));
    for (what, place, hint) in default.into_iter().chain(others) {
        let message = format!(
            "nobody hears of {what}: every interface of {} is in a stub",
            version.key()
        );
        cx.report(
            Diagnostic::warning(E0398, place, message)
                .label("routes from outside of OSPF do not enter stubs")
                .also(*stub, "a stub")
                .hint(hint),
        );
    }
}
