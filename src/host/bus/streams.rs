//! Where systemd listens for services that it starts on demand.

use super::{ANSWER, BusError, ManagerProxy, systemd, unit_state, within_answer};
use zbus::proxy;

/// The addresses that the active ones of these socket units listen on for streams, in systemd's words: `[::]:22`.
pub fn open_streams(units: &[&str]) -> Result<Vec<String>, BusError> {
    let units: Vec<String> = units.iter().map(|unit| (*unit).to_owned()).collect();
    within_answer(async move { ask(&units).await })
}

async fn ask(units: &[String]) -> zbus::Result<Vec<String>> {
    let connection = systemd().method_timeout(ANSWER).build().await?;
    let manager = ManagerProxy::new(&connection).await?;
    let mut streams = Vec::new();
    for row in manager.list_units_by_names(units).await? {
        let path = row.6.clone();
        if unit_state(row).active == "active" {
            let socket = SocketProxy::builder(&connection).path(path).build().await?;
            let listening = socket.listen().await?.into_iter();
            streams.extend(
                listening
                    .filter(|(kind, _)| kind == "Stream")
                    .map(|(_, address)| address),
            );
        }
    }
    Ok(streams)
}

#[proxy(
    default_service = "org.freedesktop.systemd1",
    interface = "org.freedesktop.systemd1.Socket"
)]
trait Socket {
    #[zbus(property(emits_changed_signal = "false"))]
    fn listen(&self) -> zbus::Result<Vec<(String, String)>>;
}
