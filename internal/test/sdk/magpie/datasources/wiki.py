from dify_plugin.entities.datasource import (
    DatasourceGetPagesResponse,
    OnlineDocumentInfo,
    OnlineDocumentPage,
)
from dify_plugin.interfaces.datasource.online_document import OnlineDocumentDatasource

from service import authenticate, fail


class Wiki(OnlineDocumentDatasource):
    def _get_pages(self, datasource_parameters):
        authenticate(self.runtime.credentials)
        page = OnlineDocumentPage(
            page_id="p",
            page_name="<Plan>",
            page_icon={"type": "emoji", "emoji": "🐦"},
            type="page",
            last_edited_time="2026-01-02T03:04:05Z",
            parent_id=None,
        )
        child = OnlineDocumentPage(
            page_id="q",
            page_name="",
            page_icon={"type": "url", "url": "https://icons.example/?a&b"},
            type="database",
            last_edited_time="",
            parent_id="p",
        )
        return DatasourceGetPagesResponse(
            result=[
                OnlineDocumentInfo(
                    workspace_id="w",
                    workspace_name="Work & more",
                    workspace_icon="",
                    total=2,
                    pages=[page, child],
                ),
                OnlineDocumentInfo(
                    workspace_id="v", workspace_name="", workspace_icon="i", total=7, pages=[]
                ),
            ]
        )

    def _get_content(self, page):
        authenticate(self.runtime.credentials)
        fail(page.page_id)
        match page.page_id:
            case "nothing":
                return
            case "streamed":
                for word in ["<a> ", "é\u2028", ""]:
                    yield self.create_stream_variable_message("content", word)
            case "long":
                yield self.create_variable_message("content", "long " * 200_000)
            case _:
                yield self.create_variable_message("content", f"{page.type} of {page.page_id}")
        yield self.create_variable_message("title", "T")
        yield self.create_variable_message("page_id", page.page_id)
        yield self.create_variable_message("workspace_id", page.workspace_id)
