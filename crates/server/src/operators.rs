//! `rotunda admin`, and the link by which the first admin of a new server comes in. A link is a secret: it goes to a
//! terminal, never into a log.

use crate::base;
use crate::cli::AdminVerb;
use crate::config::Config;
use crate::error::RunError;
use crate::folder::existing_database;
use crate::say::{answer, aside};
use rotunda_domain::ProjectId;
use rotunda_domain::admin::{INVITED, Reach, is_name};
use rotunda_hub::AdminSession;
use rotunda_store::Store;
use std::io::IsTerminal;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Whom a server without admins invites.
const FIRST: &str = "admin";

/// Invites, lists and forgets admins.
///
/// # Errors
/// As `project`; `NotAName` when nobody may be called so, `TooManyInvited` when as many invitations wait as may,
/// `Missing` when there is no such project, admin or session.
pub async fn admin(verb: AdminVerb) -> Result<(), RunError> {
    match verb {
        AdminVerb::Invite { name, project, data } => {
            let config = data.config()?;
            let store = existing_database(&config.data_dir).await?;
            let reach = reach(&store, &project).await?;
            let base = base::http_base(&config, false, config.listen, &[]);
            answer(format_args!("{}", link(&store, &config, &base, (&name, &reach)).await?))?;
            aside(format_args!("good for one use within 15 minutes"));
            Ok(())
        }
        AdminVerb::List { data } => list(&data.database().await?).await,
        AdminVerb::Revoke { what, data } => revoke(&data.database().await?, &what).await,
    }
}

/// The link of a new invitation; `base` is where the page is when nothing is configured.
pub(crate) async fn link(
    store: &Store,
    config: &Config,
    base: &str,
    (name, reach): (&str, &Reach),
) -> Result<String, RunError> {
    if !is_name(name) {
        return Err(RunError::NotAName);
    }
    let life_ms = i64::try_from(INVITED.as_millis()).unwrap_or(i64::MAX);
    let key = store.invite_admin(name, reach, now_ms().saturating_add(life_ms)).await?;
    let key = key.ok_or(RunError::TooManyInvited)?;
    let page = base::page_base(config).unwrap_or_else(|| base.to_owned());
    Ok(format!("{}/admin#invite={key}", page.trim_end_matches('/')))
}

/// A link for dev mode, or why there is none.
pub(crate) async fn dev_link(store: &Store, config: &Config, port: u16) -> String {
    let base = format!("http://localhost:{port}");
    let link = link(store, config, &base, (FIRST, &Reach::All)).await;
    link.unwrap_or_else(|error| format!("no link: {error}"))
}

/// Says how the first admin comes in, while there is none: with a link where a terminal reads it.
pub(crate) async fn welcome(store: &Store, config: &Config, base: &str) {
    match first_link(store, config, base).await {
        Ok(Some(link)) => {
            let text = "Nobody operates this server by its page yet. This link lets you in, once, within 15 minutes";
            // It serves on, whether somebody reads this or not.
            let _ = answer(format_args!("\n  {text}:\n\n      {link}\n"));
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the first admin is not invited"),
    }
}

async fn first_link(
    store: &Store,
    config: &Config,
    base: &str,
) -> Result<Option<String>, RunError> {
    if !store.admins().await?.is_empty() {
        return Ok(None);
    }
    if !std::io::stdout().is_terminal() {
        tracing::info!("nobody operates this server by its page yet: see `rotunda admin invite`");
        return Ok(None);
    }
    Ok(Some(link(store, config, base, (FIRST, &Reach::All)).await?))
}

async fn reach(store: &Store, named: &[String]) -> Result<Reach, RunError> {
    if named.is_empty() {
        return Ok(Reach::All);
    }
    let all = store.projects().await?;
    let found = |text: &String| -> Result<ProjectId, RunError> {
        let id = text.parse::<ProjectId>().ok();
        let one = all.iter().find(|one| Some(one.id) == id || one.name == *text);
        one.map(|one| one.id).ok_or(RunError::Missing("project of this id or name"))
    };
    Ok(Reach::Only(named.iter().map(found).collect::<Result<_, _>>()?))
}

async fn list(store: &Store) -> Result<(), RunError> {
    let sessions = store.admin_sessions().await?;
    for (admin, passkeys) in store.admins().await? {
        let password = if admin.password.is_some() { "password, " } else { "" };
        let reach = match &admin.reach {
            Reach::All => "all projects".to_owned(),
            Reach::Only(ids) => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        };
        answer(format_args!("{}  {password}{passkeys} passkeys  {reach}", admin.name))?;
        for session in sessions.iter().filter(|session| session.admin == admin.id) {
            answer(format_args!("    {}", shown(session)))?;
        }
    }
    Ok(())
}

fn shown(session: &AdminSession) -> String {
    let minutes = (session.expires_at_ms - now_ms()).max(0) / 60_000;
    format!("{}  for {} h {} min yet", session.id, minutes / 60, minutes % 60)
}

async fn revoke(store: &Store, what: &str) -> Result<(), RunError> {
    let is_done = match what.parse::<Uuid>() {
        Ok(session) => store.revoke_admin_session(session).await?,
        Err(_) => store.delete_admin(what).await?,
    };
    if is_done {
        Ok(())
    } else {
        Err(RunError::Missing("admin of this name, nor session of this id"))
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
