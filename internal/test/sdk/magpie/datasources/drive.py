import json

from dify_plugin.entities.datasource import (
    OnlineDriveBrowseFilesResponse,
    OnlineDriveFile,
    OnlineDriveFileBucket,
)
from dify_plugin.interfaces.datasource.online_drive import OnlineDriveDatasource

from service import authenticate, fail

FILES = 5


class Drive(OnlineDriveDatasource):
    def _browse_files(self, request):
        authenticate(self.runtime.credentials)
        prefix = request.prefix or ""
        fail(prefix)
        if not request.bucket:
            return OnlineDriveBrowseFilesResponse(
                result=[
                    OnlineDriveFileBucket(bucket=name, files=[], is_truncated=False)
                    for name in ["b", "c"]
                ]
            )
        offset = 0
        if request.next_page_parameters:
            offset = json.loads(request.next_page_parameters["next_page"])["offset"]
        files = []
        if prefix != "empty":
            for i in range(offset, min(offset + request.max_keys, FILES)):
                files.append(
                    OnlineDriveFile(id=f"{prefix}{i}", name=f"<{i}>.txt", size=i * 1024, type="file")
                )
            files.append(OnlineDriveFile(id="f/", name="f", size=0, type="folder"))
        more = bool(files) and offset + request.max_keys < FILES
        following = {"next_page": json.dumps({"offset": offset + request.max_keys}, separators=(",", ":"))}
        return OnlineDriveBrowseFilesResponse(
            result=[
                OnlineDriveFileBucket(
                    bucket=request.bucket,
                    files=files,
                    is_truncated=more,
                    next_page_parameters=following if more else None,
                )
            ]
        )

    def _download_file(self, request):
        authenticate(self.runtime.credentials)
        fail(request.id)
        if request.id == "nothing":
            return
        size = {"empty": 0, "large": 3_900_000}.get(request.id, 5)
        meta = {"file_name": f"<{request.id}>.bin"}
        if request.id == "typed":
            meta["mime_type"] = "text/plain"
        yield self.create_blob_message(b"\xfb" * size, meta=meta)
        if request.id == "twice":
            yield self.create_blob_message(b"", meta=meta)
