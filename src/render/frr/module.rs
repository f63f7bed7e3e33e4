//! What `check` says of modules of bgpd that the machine does not have.

use crate::config::code::E0408;
use crate::config::{Diagnostic, FrrExtra, Model};
use crate::types::BgpModule;
use std::collections::BTreeSet;

/// The modules that bgpd is started with: those the extra lines need, as far as they are there. With one that is not, bgpd would
/// not start.
pub(super) fn loaded(
    extra: Option<&FrrExtra>,
    lacks: &BTreeSet<BgpModule>,
) -> impl Iterator<Item = BgpModule> {
    let needed = extra.into_iter().flat_map(|extra| &extra.bgp_modules).copied();
    needed.filter(|module| !lacks.contains(module))
}

/// A warning for each module that the extra lines need and the machine does not have.
pub fn warnings(model: &Model, lacks: &BTreeSet<BgpModule>) -> Vec<Diagnostic> {
    let Some(extra) = &model.frr_extra else {
        return Vec::new();
    };
    let missing = extra.bgp_modules.intersection(lacks);
    let warning = |module: &BgpModule| {
        let name = module.name();
        let message = format!("lines of extra-file need bgpd's module '{name}', which is not installed");
        Diagnostic::warning(E0408, extra.place, message)
            .hint(format!("install {}, or remove the lines", module.package()))
    };
    missing.map(warning).collect()
}
