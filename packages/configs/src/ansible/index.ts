import { asList, member } from "@plimsoll/kubernetes";

/** Keys of what a play does (docs.ansible.com, "Playbook Keywords"). */
const work = ["tasks", "roles", "pre_tasks", "post_tasks", "handlers"];

/** Whether a document is a playbook: a list of plays, of which one names hosts and what is done there, or another playbook. */
export function isPlaybook(value: unknown): boolean {
  return asList(value).some(
    (play) =>
      (member(play, "hosts") !== undefined && work.some((key) => member(play, key) !== undefined)) ||
      member(play, "import_playbook") !== undefined ||
      member(play, "ansible.builtin.import_playbook") !== undefined,
  );
}
