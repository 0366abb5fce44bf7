//! What applications ask of the hub: to connect, to listen, to look, to command.
//!
//! An API token opens everything in its project and nothing outside it: a session of another project
//! is answered as one that does not exist.

use crate::auth::{ApiKey, TokenCheckError};
use crate::connections::app_connection::{Application, Hearing, Names};
use crate::connections::link::{Accepted, ConnectRefused, Subscription, Who};
use crate::sessions::handle::SessionHandle;
use crate::{Checked, Hub, auth::revoke};
use rotunda_domain::{Actor, Command, Event, Refusal, Reply, SessionView};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const NO_SESSION: Refusal = Refusal::NotFound("Not Found");
/// Scope an API token needs, as for the REST API.
const SCOPE: &str = "video";
/// How long a socketless application is remembered: its SDK comes back within seconds and never
/// asks anew for what it heard.
const MEMORY: Duration = Duration::from_secs(600);
/// Sessions listed at most, the newest first.
const LISTED: usize = 1000;

impl Hub {
    /// Accepts an application, new or returning.
    ///
    /// One that names a connection nobody knows any more was here before and will not ask again for
    /// what it heard, so it hears the beginnings and ends of its rooms.
    pub(crate) async fn connect_application(
        &self,
        credentials: (&str, &str),
        protocol: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<Accepted, ConnectRefused> {
        let key = self.api_key(credentials, address).await.map_err(|error| match error {
            TokenCheckError::TooOften { retry_after_s } => ConnectRefused::TooOften(retry_after_s),
            TokenCheckError::Store(error) => {
                tracing::error!(%error, "the API token was not looked up");
                ConnectRefused::after(&error)
            }
        })?;
        let refused = || ConnectRefused::BadToken("invalid project or token".into());
        let key = key.filter(|key| key.has_scope(SCOPE)).ok_or_else(refused)?;
        let known = protocol.and_then(|protocol| self.inner.services.applications.get(protocol));
        let known = known.filter(|known| known.project == key.project);
        let application = match known {
            Some(known) => known,
            None => self.new_application(&key).ok_or(ConnectRefused::Full)?,
        };
        if protocol.is_some_and(|named| *application.protocol != *named) {
            application.hear_all_rooms(&Names::from([Event::STARTED, Event::ENDED]));
            self.introduce_all(&application).await;
        }
        let taken = application.take_socket(key.token);
        if taken.overflowed {
            self.make_good(&application).await;
        }
        Ok(Accepted {
            protocol: application.protocol.clone(),
            socket: taken.socket,
            authorization_state: "".into(),
            lost: None,
            who: Who::Application { project: key.project, scopes: key.scopes },
            names: Names::new(),
            inbox: taken.inbox,
            unconfirmed: taken.unconfirmed,
        })
    }

    fn new_application(&self, key: &ApiKey) -> Option<Arc<Application>> {
        let signature = Uuid::new_v4().simple().to_string();
        let protocol = format!("signalwire_{}_{}", &signature[..12], Uuid::new_v4());
        let application = Arc::new(Application::new(protocol.into(), key.project, key.token));
        self.inner.services.applications.add(application.clone()).then_some(application)
    }

    /// A socket of an application closed; it is forgotten later.
    pub(crate) fn application_gone(&self, application: Arc<Application>, socket: u64) {
        if !application.lose_socket(socket) {
            return;
        }
        let home = Arc::downgrade(&self.inner);
        rotunda_telemetry::spawn("application forgotten", async move {
            tokio::time::sleep(MEMORY).await;
            let Some(inner) = home.upgrade() else { return };
            if !application.has_socket() {
                inner.services.applications.remove(&application);
            }
        });
    }

    /// Lets an application hear events of a channel.
    ///
    /// # Errors
    /// `NotPermitted` for whoever is no application or no more, `NotFound` for a channel that is not of its
    /// project, `LimitReached`.
    pub async fn subscribe(
        &self,
        protocol: &str,
        subscription: Subscription,
    ) -> Result<(), Refusal> {
        let application = self.application(protocol).await?;
        let Some(channel) = subscription.channel else {
            if application.hear_all_rooms(&subscription.names) && subscription.show {
                self.introduce_all(&application).await;
            }
            return Ok(());
        };
        let session = self.inner.services.directory.by_channel(application.project, &channel);
        let session = session.ok_or(NO_SESSION)?;
        if !application.has_room() {
            return Err(Refusal::LimitReached("this connection listens to too many rooms".into()));
        }
        let hearing = Hearing::Session { names: subscription.names, show: subscription.show };
        session.introduce(application, hearing).await
    }

    /// The sessions of an application's project, without their members, the newest first; at most a
    /// thousand.
    ///
    /// # Errors
    /// `NotPermitted` for whoever is no application.
    pub async fn sessions(&self, protocol: &str) -> Result<Vec<SessionView>, Refusal> {
        let application = self.application(protocol).await?;
        let mut views = Vec::new();
        for session in self.inner.services.directory.of_project(application.project) {
            // Refused only when it ended meanwhile.
            if let Ok(Reply::Session(mut view)) =
                self.command(&session, Actor::Project, Command::Describe).await
            {
                view.members.clear();
                views.push(*view);
            }
        }
        views.sort_by_key(|view| std::cmp::Reverse(view.started_at_ms));
        views.truncate(LISTED);
        Ok(views)
    }

    /// Runs a command of an application in a session of its project.
    pub(crate) async fn execute_for(
        &self,
        application: &Application,
        room_session_id: &str,
        command: Checked<Command>,
    ) -> Result<Reply, Refusal> {
        self.is_still(application).await?;
        let session = room_session_id.parse().ok();
        let session =
            session.and_then(|id| self.inner.services.directory.by_id_in(application.project, id));
        session.ok_or(NO_SESSION)?.execute(Actor::Project, command).await
    }

    async fn application(&self, protocol: &str) -> Result<Arc<Application>, Refusal> {
        let application =
            self.inner.services.applications.get(protocol).ok_or(Refusal::NotPermitted)?;
        self.is_still(&application).await?;
        Ok(application)
    }

    /// Asked again at each call: a token may have been revoked a moment ago.
    async fn is_still(&self, application: &Application) -> Result<(), Refusal> {
        match revoke::end_if_revoked(&self.inner, application.token()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::NotPermitted),
            Err(error) => {
                tracing::error!(%error, "an API token was not looked up");
                Err(Refusal::Broken)
            }
        }
    }

    async fn introduce_all(&self, application: &Arc<Application>) {
        for session in self.inner.services.directory.of_project(application.project) {
            introduce(&session, application, Hearing::AllRooms).await;
        }
    }

    /// Events were lost: what began, and how every session it hears stands now.
    async fn make_good(&self, application: &Arc<Application>) {
        let (all_rooms, sessions) = application.hears();
        if all_rooms {
            self.introduce_all(application).await;
        }
        for id in sessions {
            let Some(session) = self.inner.services.directory.by_id(id) else { continue };
            let names = Names::from([Event::SUBSCRIBED]);
            introduce(&session, application, Hearing::Session { names, show: true }).await;
        }
    }
}

/// Fails only when the session is over, and then there is nothing to introduce.
async fn introduce(session: &SessionHandle, application: &Arc<Application>, hearing: Hearing) {
    let _ = session.introduce(application.clone(), hearing).await;
}
