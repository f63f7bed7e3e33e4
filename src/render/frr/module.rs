//! The modules of bgpd, and what `check` says of those that the machine does not have.

use crate::config::code::E0408;
use crate::config::{Diagnostic, Model};
use crate::types::BgpModule;
use std::collections::BTreeSet;

/// The modules that bgpd is started with: those that [rpki] and the extra lines need, as far as they are there. With one that
/// is not, bgpd would not start.
pub(super) fn loaded(model: &Model, lacks: &BTreeSet<BgpModule>) -> BTreeSet<BgpModule> {
    let rpki = model.rpki.as_ref().map(|_| BgpModule::Rpki);
    let extra = model.frr_extra.iter().flat_map(|extra| &extra.bgp_modules);
    let needed = rpki.into_iter().chain(extra.copied());
    needed.filter(|module| !lacks.contains(module)).collect()
}

/// A warning for each module that [rpki] or the extra lines need and the machine does not have.
pub fn warnings(model: &Model, lacks: &BTreeSet<BgpModule>) -> Vec<Diagnostic> {
    let rpki = model.rpki.iter().filter(|_| lacks.contains(&BgpModule::Rpki));
    let of_table = |place| {
        let module = BgpModule::Rpki;
        let message = format!(
            "[rpki] needs bgpd's module '{}', which is not installed",
            module.name()
        );
        Diagnostic::warning(E0408, place, message)
            .label("no route is validated")
            .hint(format!("install {}", module.package()))
    };
    let tables = rpki.map(|rpki| of_table(rpki.place));
    let lines = model.frr_extra.iter().flat_map(|extra| {
        let missing = extra.bgp_modules.intersection(lacks);
        missing.map(|module| {
            let name = module.name();
            let message = format!("lines of extra-file need bgpd's module '{name}', which is not installed");
            Diagnostic::warning(E0408, extra.place, message)
                .hint(format!("install {}, or remove the lines", module.package()))
        })
    });
    tables.chain(lines).collect()
}
