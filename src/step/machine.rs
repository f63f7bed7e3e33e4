//! What a configuration asks for and this machine has not, or would no longer have; nothing is changed to find out.

use super::{nic, running_model, unreadable};
use crate::config::Model;
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::plan::Input as _;
use crate::plan::management::{ManagementFacts, notices};
use crate::plan::nic::Configured;
use crate::render::{self, Bindings};
use crate::types::Root;

/// Cores, modules, hugepages, IOMMU groups, and the way an operator comes in: a line each, with its code.
pub fn lacks(root: &Root, model: &Model) -> Result<Vec<String>, Failure> {
    let host = facts::nic::host(root).map_err(unreadable)?;
    let bindings = Bindings {
        cpus: facts::cpu::online(root),
        ..Bindings::as_written(model)
    };
    let configured = Configured::of(model);
    let vfio = nic::leave_out_of_vfio(root, &configured, &mut bindings.clone(), &host);
    let files = render::vpp(&configured.dataplane, &bindings)
        .map_err(|error| Failure::from_error(Kind::Config, &error))?;
    let (_, host_notices) = nic::host_plan(root, &configured.dataplane, &bindings);
    let running = running_model(root).ok();
    let management = notices(
        model,
        &ManagementFacts {
            host: &host,
            ssh_ports: facts::ssh::listening()
                .iter()
                .map(std::net::SocketAddr::port)
                .collect(),
            running: running.as_ref(),
        },
    );
    let all = management.into_iter().chain(vfio).chain(host_notices);
    Ok(files
        .left_out
        .into_iter()
        .chain(all.map(|notice| notice.to_string()))
        .collect())
}
