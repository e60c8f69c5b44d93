/* The handlers that the table of routes names, by the file they are in. */
#pragma once
#include "http/routes.h"

/* api_state.c */
void api_healthz(struct app *app, const struct request *rq, struct reply *rp);
void api_readyz(struct app *app, const struct request *rq, struct reply *rp);
void api_metrics(struct app *app, const struct request *rq, struct reply *rp);
void api_method(struct app *app, const struct request *rq, struct reply *rp);
void api_openapi(struct app *app, const struct request *rq, struct reply *rp);
/* api_audit.c */
void api_audit_head(struct app *app, const struct request *rq, struct reply *rp);
void api_audit_log(struct app *app, const struct request *rq, struct reply *rp);
/* api_session.c */
extern const struct body_ops api_session_body, api_session_end_body;
void api_sign_in(struct app *app, const struct request *rq, struct reply *rp);
void api_session(struct app *app, const struct request *rq, struct reply *rp);
/* The name of its cookie. */
const char *session_cookie(const struct app *app);
/* The page to sign in, as an answer with this status; sentence: why, or NULL. */
void sign_in_page(unsigned status, const char *sentence, struct reply *rp);
/* api_rows.c */
void api_posts(struct app *app, const struct request *rq, struct reply *rp);
void api_post(struct app *app, const struct request *rq, struct reply *rp);
void api_traffic(struct app *app, const struct request *rq, struct reply *rp);
/* api_write.c */
/* The data's revision after a write, as the writer is told it: 0 where he sees but some regions. */
int64_t revision_after(const struct app *app, const struct request *rq);
extern const struct body_ops api_posts_body, api_traffic_body;
/* api_imports.c */
extern const struct body_ops api_imports_body;
void api_imports(struct app *app, const struct request *rq, struct reply *rp);
void api_import(struct app *app, const struct request *rq, struct reply *rp);
void api_import_rejected(struct app *app, const struct request *rq, struct reply *rp);
void api_profiles(struct app *app, const struct request *rq, struct reply *rp);
void api_import_undo(struct app *app, const struct request *rq, struct reply *rp);
/* api_answers.c */
void api_lift(struct app *app, const struct request *rq, struct reply *rp);
void api_compare(struct app *app, const struct request *rq, struct reply *rp);
void api_outliers(struct app *app, const struct request *rq, struct reply *rp);
void api_cadence(struct app *app, const struct request *rq, struct reply *rp);
void api_types(struct app *app, const struct request *rq, struct reply *rp);
/* api_types_set.c */
extern const struct body_ops api_type_rules_body, api_post_types_body;
void api_type_rules(struct app *app, const struct request *rq, struct reply *rp);
void api_type_rule_delete(struct app *app, const struct request *rq, struct reply *rp);
void api_post_types(struct app *app, const struct request *rq, struct reply *rp);
void api_post_type_delete(struct app *app, const struct request *rq, struct reply *rp);
/* api_forget.c */
extern const struct body_ops api_forget_body;
void api_forget(struct app *app, const struct request *rq, struct reply *rp);
/* api_keeper.c */
extern const struct body_ops api_backup_body, api_check_body;
void api_backup(struct app *app, const struct request *rq, struct reply *rp);
void api_backup_file(struct app *app, const struct request *rq, struct reply *rp);
void api_check(struct app *app, const struct request *rq, struct reply *rp);
/* api_export.c */
void api_export(struct app *app, const struct request *rq, struct reply *rp);
/* api_notes.c */
extern const struct body_ops api_notes_body;
void api_notes(struct app *app, const struct request *rq, struct reply *rp);
void api_note(struct app *app, const struct request *rq, struct reply *rp);
void api_note_delete(struct app *app, const struct request *rq, struct reply *rp);
/* api_plan.c */
void api_plan(struct app *app, const struct request *rq, struct reply *rp);
/* api_experiments.c */
void api_experiments(struct app *app, const struct request *rq, struct reply *rp);
void api_experiment(struct app *app, const struct request *rq, struct reply *rp);
void api_experiment_reading(struct app *app, const struct request *rq, struct reply *rp);
void api_experiment_report(struct app *app, const struct request *rq, struct reply *rp);
struct experiment;
/* All that is known of one, as an answer has it; the caller's. NULL with *f. */
json_t *api_experiment_whole(struct app *app, const struct request *rq, struct db *db,
                             const struct experiment *e, int64_t revision, struct fail *f);
/* api_experiment_writes.c */
extern const struct body_ops api_experiments_body, api_experiment_stop_body,
    api_experiment_correct_body;
void api_experiment_delete(struct app *app, const struct request *rq, struct reply *rp);
void api_finding(struct app *app, const struct request *rq, struct reply *rp);
/* api_page.c */
void api_page(struct app *app, const struct request *rq, struct reply *rp);
void api_page_script(struct app *app, const struct request *rq, struct reply *rp);
void api_overview(struct app *app, const struct request *rq, struct reply *rp);
/* api_charts.c */
void api_chart_lift(struct app *app, const struct request *rq, struct reply *rp);
void api_chart_types(struct app *app, const struct request *rq, struct reply *rp);
void api_chart_posts(struct app *app, const struct request *rq, struct reply *rp);
void api_report(struct app *app, const struct request *rq, struct reply *rp);
void api_chart_cadence(struct app *app, const struct request *rq, struct reply *rp);
/* api_due.c */
void api_due(struct app *app, const struct request *rq, struct reply *rp);
/* api_names.c */
extern const struct body_ops api_accounts_body, api_sources_body;
void api_accounts(struct app *app, const struct request *rq, struct reply *rp);
void api_sources(struct app *app, const struct request *rq, struct reply *rp);
