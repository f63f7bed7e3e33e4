//! `vrf` of an interface: the table it is in.

use super::raw::ProtocolsRaw;
use crate::config::InVrf;
use crate::config::check::Checking;
use crate::config::code::{E0851, E0853};
use crate::config::diag::Diagnostic;

/// The VRF an interface says, which is there; no IGP runs on it then.
pub(super) fn of_interface(raw: &ProtocolsRaw, cx: &mut Checking<'_>) -> Option<InVrf> {
    let named = raw.vrf.copied()?;
    let protocols = [
        ("OSPF", raw.ospf.located().map(|it| it.span)),
        ("OSPFv3", raw.ospf6.located().map(|it| it.span)),
        ("IS-IS", raw.isis.located().map(|it| it.span)),
    ];
    for (protocol, place) in protocols {
        let Some(place) = place else { continue };
        cx.report(
            Diagnostic::error(
                E0853,
                place,
                format!("{protocol} in a VRF is not in this version"),
            )
            .label(format!("the interface is in '{}'", named.value))
            .also(named.span, "its VRF")
            .hint("in a VRF there are BGP and static routes: remove the protocol, or the VRF"),
        );
    }
    let index = cx.index;
    let Some(vrf) = index.vrfs.get(&named.value) else {
        let error = Diagnostic::error(E0851, named.span, format!("undefined VRF '{}'", named.value));
        let near = cx
            .found
            .nearest(named.value.as_ref(), index.vrfs.keys().map(AsRef::as_ref));
        cx.report(match near {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint(format!("add `[vrfs.{}]` with its table", named.value)),
        });
        return None;
    };
    Some(InVrf {
        name: named.value,
        table: vrf.table?.value,
    })
}
