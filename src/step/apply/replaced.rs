//! What ran before an apply replaces it: what the changes of VPP end is looked for there.

use crate::host::{file, paths};
use crate::plan::Impact;
use crate::plan::consequence::ended;
use crate::plan::nic::Configured;
use crate::plan::vpp::Difference;
use crate::render::Dataplane;
use crate::step::input;
use crate::types::Root;

/// Read before anything is written.
#[derive(Debug, Default)]
pub(in crate::step) struct Replaced {
    frr_conf: String,
    dataplane: Option<Dataplane>,
}

impl Replaced {
    /// What there is. Without some of it less is said of what an apply costs, and it is no less done.
    pub(in crate::step) fn read(root: &Root) -> Self {
        let conf = file::read_text(&root.join(paths::FRR_CONF)).ok().flatten();
        let configured = input::read_if_any::<Configured>(root).ok().flatten();
        Self {
            frr_conf: conf.unwrap_or_default(),
            dataplane: configured.map(|it| it.dataplane),
        }
    }

    /// The BGP sessions that end with a change of VPP.
    pub(super) fn ended(&self, difference: &Difference) -> Vec<Impact> {
        let dataplanes = self.dataplane.iter();
        let links = dataplanes.flat_map(|it| it.loopbacks.values().map(|it| &it.link).chain(it.links()));
        ended(difference, &self.frr_conf, links)
    }
}
