package io.github.peft4j.models.hub.push.internal;

import io.github.peft4j.models.hub.internal.http.HubException;

/** What it means that the hub does not take something, and what to do. */
final class Refusals {

    private Refusals() {}

    /**
     * Says it of the hub itself.
     *
     * @param what was to be done
     */
    static HubException of(HubApi.Reply reply, String what) {
        String meaning = switch (reply.status()) {
            case 401 -> "the hub does not accept the token (401): make one that may write, and set HF_TOKEN to it";
            case 402 -> "the hub asks for payment (402): its owner has no storage left";
            case 403 -> "the token may not do that (403): make one that may write there, and set HF_TOKEN to it";
            case 404 -> "there is no such repository or branch, or the token may not see it (404)";
            case 409, 412 ->
                "somebody has committed there meanwhile (" + reply.status()
                        + "): look at what there is now, then push again";
            case 413 -> "the hub finds it too large (413)";
            default -> "the hub answers with status " + reply.status();
        };
        return refusal(reply, what, meaning);
    }

    /**
     * Says it of an address that the hub has named for an upload.
     *
     * @param what was to be done
     */
    static HubException ofUpload(HubApi.Reply reply, String what) {
        String meaning = switch (reply.status()) {
            case 401, 403 ->
                "the address that the hub has named for it holds no longer (" + reply.status()
                        + "): push again, what has arrived is kept";
            case 413 -> "the hub's store finds it too large (413)";
            default ->
                "the hub's store answers with status " + reply.status() + ": push again, what has arrived is kept";
        };
        return refusal(reply, what, meaning);
    }

    private static HubException refusal(HubApi.Reply reply, String what, String meaning) {
        String said = reply.problem().isEmpty() ? "" : " (" + reply.problem() + ")";
        return new HubException.Refusal("cannot " + what + ": " + meaning + said);
    }
}
