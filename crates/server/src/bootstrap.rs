//! What a server that was never started before begins with: one project, and in dev mode a token.

use crate::config::Config;
use crate::error::{RunError, SECRET_CHARS};
use crate::tls;
use rotunda_domain::ProjectId;
use rotunda_store::Store;

/// The first project and its token: from the environment, or made on the first run. Dev mode keeps
/// the secret beside the database, to print it again.
pub(crate) async fn first_project(
    store: &Store,
    config: &Config,
    dev_mode: bool,
) -> Result<(ProjectId, String), RunError> {
    let wanted = match std::env::var("ROTUNDA_PROJECT_ID") {
        Ok(text) => {
            let id = text.parse().map_err(|_| RunError::NotAnId("ROTUNDA_PROJECT_ID"))?;
            Some(ProjectId(id))
        }
        Err(_) => None,
    };
    let found = match wanted {
        Some(id) => store.project(id).await?,
        None => store.first_project().await?,
    };
    let project = match found {
        Some(project) => project,
        None => store.create_project(wanted, "default").await?,
    };
    let scopes = ["video".to_owned()];
    if let Ok(secret) = std::env::var("ROTUNDA_API_TOKEN") {
        if !dev_mode && secret.trim().chars().count() < SECRET_CHARS {
            return Err(RunError::ShortToken);
        }
        store.ensure_api_token(project.id, &scopes, &secret).await?;
        return Ok((project.id, secret));
    }
    if !dev_mode {
        return Ok((project.id, String::new()));
    }
    let file = config.data_dir.join("dev-api-token");
    if let Ok(secret) = std::fs::read_to_string(&file)
        && store.verify_api_token(project.id, secret.trim()).await?.is_some()
    {
        return Ok((project.id, secret.trim().to_owned()));
    }
    let made = store.create_api_token(project.id, &scopes).await?;
    tls::write_private(&file, made.secret.as_bytes())
        .map_err(|e| RunError::File(file.display().to_string(), e))?;
    Ok((project.id, made.secret))
}
