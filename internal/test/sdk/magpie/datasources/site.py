from dify_plugin.entities.datasource import WebSiteInfo, WebSiteInfoDetail
from dify_plugin.interfaces.datasource.website import WebsiteCrawlDatasource

from service import authenticate, fail


class Site(WebsiteCrawlDatasource):
    def _get_website_crawl(self, datasource_parameters):
        authenticate(self.runtime.credentials)
        url = datasource_parameters["url"]
        limit = datasource_parameters.get("limit", 3)
        pages = []
        for i in range(limit):
            yield self.create_crawl_message(
                WebSiteInfo(status="processing", web_info_list=[], total=limit, completed=i)
            )
            pages.append(
                WebSiteInfoDetail(
                    source_url=f"{url}/{i}", title=f"<Page {i}>", description="", content="é\u2028" * i
                )
            )
        fail(url)
        yield self.create_crawl_message(
            WebSiteInfo(
                status="completed", web_info_list=pages, total=len(pages), completed=len(pages)
            )
        )
