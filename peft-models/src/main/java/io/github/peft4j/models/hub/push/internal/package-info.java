/**
 * From this machine to Hugging Face's hub: a repository is made, large files are uploaded by Git LFS's protocol, and one commit names them all. As
 * {@code create_repo} and {@code create_commit} of Python's {@code huggingface_hub} do it. Start with {@link io.github.peft4j.models.hub.push.internal.HubPush}.
 *
 * @see <a href="https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md">the batch interface of Git LFS</a>
 */
@NullMarked
package io.github.peft4j.models.hub.push.internal;

import org.jspecify.annotations.NullMarked;
